import TestSupport
import Testing

@Suite("The service, with much old mail,") struct SecondConnectionTests {
    @Test("fetches all of it, once, whether the server lets a second session in or not", arguments: [2, 1])
    func old(sessions: Int) async throws {
        let service = try await ServiceUnderTest.start(sessionsPerUser: sessions)
        let old = (0..<3000).map { number in
            Array("Message-ID: <\(number)@example.org>\r\nSubject: \(number)\r\n\r\nOld.\r\n".utf8)
        }
        try service.dovecot.deliver(old, to: ServiceUnderTest.user)
        let daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        // The test's own look at the mailbox is a session too.
        #expect(await daemon.stop() == .exited(0))
        #expect(sameMessages(try service.delivered(), try await service.served()))
        let refused = daemon.errors.lines.filter { $0.contains("EVENT=second_connection_failed") }
        #expect(refused.count == (sessions == 1 ? 1 : 0), "\(refused)")
        await service.stop()
    }
}
