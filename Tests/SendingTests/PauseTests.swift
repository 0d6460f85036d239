import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Sending

@Suite("Sending that an operator paused") struct PauseTests {
    /// What the daemon does.
    private static func pause(_ pauses: StoredAccount.Pauses, _ test: SenderUnderTest) async throws {
        try await test.store.write { [id = test.accountID, now = test.clock.now] transaction in
            try transaction.accounts.pause(id, pauses)
            if pauses.account != nil { try transaction.accounts.parkSending(id, at: now) }
        }
        await test.sender.pause(pauses)
    }

    @Test("ends the message in hand, keeps the others without ageing them, and goes on when it is resumed")
    func messageInHand() async throws {
        let test = try await SenderUnderTest.make { $0.rate.connections = 1 }
        test.server.answers { submission in
            guard submission.number == 1 else { return .accept }
            return .acceptAfter { try? await Self.pause(StoredAccount.Pauses(account: .distantFuture), test) }
        }
        for _ in 0..<2 { try await test.accept() }
        test.run()
        try await test.server.submissions(atLeast: 1)
        try await test.idle()
        test.clock.advance(by: .seconds(6 * 86_400))
        try await test.idle()
        #expect(test.server.submissions.count == 1)
        #expect(try await test.parking().since == SenderUnderTest.start)
        #expect(await test.sender.status.pausedUntil == .distantFuture)
        try await Self.pause(StoredAccount.Pauses(), test)
        try await test.server.submissions(atLeast: 2)
        #expect(try await test.parking().since == nil)
        #expect(try await test.parking().total == .seconds(6 * 86_400))
        await test.stop()
    }

    @Test("goes on by itself when the pause is over, also after a restart")
    func ends() async throws {
        let first = try await SenderUnderTest.make()
        try await Self.pause(StoredAccount.Pauses(account: SenderUnderTest.start + .seconds(7200)), first)
        try await first.accept()
        let test = try await first.restarted()
        test.run()
        try await test.pass(untilSubmissions: 1)
        #expect(test.clock.now == SenderUnderTest.start + .seconds(7200))
        await test.stop()
        #expect(try await test.parking().since == nil)
    }
}
