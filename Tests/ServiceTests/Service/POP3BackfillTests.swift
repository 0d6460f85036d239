import TestSupport
import Testing

@Suite("The service, with a POP3 mailbox full of old mail,") struct POP3BackfillTests {
    @Test("fetches all of it, once, and lets other programs into the mailbox afterwards")
    func backfill() async throws {
        let service = try await ServiceUnderTest.start()
        try service.configure(receive: "protocol: pop3")
        try service.dovecot.deliver(
            (0..<1050).map { Array("Message-ID: <\($0)@example.org>\r\nSubject: \($0)\r\n\r\nOld.\r\n".utf8) },
            to: ServiceUnderTest.user)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(sameMessages(try service.delivered(), try await service.served()))
        #expect(!daemon.errors.lines.contains { $0.contains("EVENT=message_gone") })
        try service.dovecot.deliver(MessageCorpus().messages(3), to: ServiceUnderTest.user)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try service.delivered().count == 1053)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
