import Glibc
import TestSupport
import Testing

@Suite("The service, once mail is delivered,") struct AfterFetchTests {
    enum Wish: String, CaseIterable, Sendable {
        case seen, delete
        case move = "{move: Erledigt}"
    }

    @Test("marks, deletes or moves the server's copies, and leaves other mail alone", arguments: Wish.allCases)
    func imap(_ wish: Wish) async throws {
        let service = try await ServiceUnderTest.start()
        let user = ServiceUnderTest.user
        try await service.dovecot.createFolder("Erledigt", of: user)
        let messages = Array(MessageCorpus().messages(12))
        try service.dovecot.deliver(messages, to: user)
        try service.configure(receive: "after_fetch: \(wish.rawValue), after_fetch_grace: 0s")
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(sameMessages(try service.delivered(), messages))
        let inbox = try await service.dovecot.messages(of: user)
        let done = try await service.dovecot.messages(of: user, folder: "Erledigt")
        switch wish {
        case .seen:
            #expect(try await service.dovecot.count(of: user, query: "seen") == 12)
            #expect(try await service.dovecot.count(of: user, query: "not seen") == 0)
        case .delete:
            #expect(inbox.isEmpty && done.isEmpty)
        case .move:
            #expect(inbox.isEmpty)
            #expect(sameMessages(done.map(\.bytes), messages))
        }
        // And what comes afterwards is mail like any other.
        try service.dovecot.deliver(MessageCorpus()[900], to: user)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 13)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("deletes what it fetched with POP3 when the session ends well")
    func pop3() async throws {
        let service = try await ServiceUnderTest.start()
        let messages = Array(MessageCorpus().messages(12)).filter { !$0.isEmpty }
        try service.dovecot.deliver(messages, to: ServiceUnderTest.user)
        try service.configure(receive: "protocol: pop3, after_fetch: delete, after_fetch_grace: 0s")
        let daemon = try await service.serve()
        try await service.consent()
        for _ in 0..<2 { #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0)) }
        #expect(sameMessages(try service.delivered(), messages))
        #expect(try await service.dovecot.messages(of: ServiceUnderTest.user).isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
