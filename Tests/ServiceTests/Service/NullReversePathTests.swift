import TestSupport
import Testing

@Suite("The service sends reports") struct NullReversePathTests {
    @Test("with the null reverse-path that their sender asked for, of the account of their author")
    func automaticReply() async throws {
        let server = try await SMTPServer.start()
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let reply = """
            From: \(ServiceUnderTest.user)
            To: somebody@example.org
            Auto-Submitted: auto-replied
            Subject: away

            Until Monday.

            """
        let finished = try await service.run("sendmail", "-t", "-f", "<>", input: reply)
        #expect(finished.status == .exited(0), "\(finished.errors)")
        try await server.transactions(atLeast: 1)
        #expect(server.transactions.map(\.reversePath) == [""])
        #expect(server.transactions.first?.recipients == ["somebody@example.org"])
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
