import Diagnostics
import MailModel
import Sessions
import TestSupport
import Testing

/// A real server without UID EXPUNGE, and a connection that breaks at every line of a deletion.
@Suite("Deleting without UID EXPUNGE, cut off") struct InterruptedExpungeTests {
    /// From the first line of the session to behind its last.
    static let cuts: [LineCutter.Cut] =
        (0...15).map { LineCutter.Cut(.hangUp, after: $0, of: .client) }
        + (12...40).map { LineCutter.Cut(.hangUp, after: $0, of: .server) }

    @Test("removes no message of others, and goes on when it is asked again", arguments: cuts)
    func cut(_ cut: LineCutter.Cut) async throws {
        var test = try await DovecotMailbox.start(.none)
        try test.deliver(3)
        try test.deliver(2, flags: "T")
        let ours = ChangingDialog.set(1, 3)
        let relay = try await LineCutter.start(to: test.server.port(.imap), cut: cut)
        test.relay = relay
        // How far it comes, nobody knows.
        _ = try? await test.visit { mailbox in
            try await mailbox.open()
            try await mailbox.delete(ours)
        }
        await relay.stop()
        #expect(Set(try await test.stored().keys).isSuperset(of: [2, 4, 5]))
        test.relay = nil
        try await test.visit { mailbox in
            try await mailbox.open()
            try await mailbox.delete(ours)
        }
        #expect(try await test.stored().keys.sorted() == [2, 4, 5])
        await test.server.stop()
    }
}
