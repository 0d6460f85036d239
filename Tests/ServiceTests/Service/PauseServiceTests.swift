import TestSupport
import Testing

@Suite("The service, paused by an operator,") struct PauseServiceTests {
    private static let message =
        "From: \(ServiceUnderTest.user)\nTo: somebody@example.org\nSubject: later\n\nHello.\n"

    @Test("neither fetches nor sends until it is resumed, also after a restart, and loses nothing")
    func account() async throws {
        let sink = try await SMTPSink.start()
        let service = try await ServiceUnderTest.start(relay: sink)
        var daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(try await service.run("pause", "anna").status == .exited(0))
        try service.dovecot.deliver(MessageCorpus().messages(3), to: ServiceUnderTest.user)
        #expect(try await service.run("send", input: Self.message).status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        daemon = try await service.serve()
        for command in [["fetch", "anna", "--wait"], ["audit", "anna"]] {
            let refused = try await service.run(words: command)
            #expect(refused.status == .exited(1))
            #expect(refused.errors.contains("postbote resume anna"), "\(command): \(refused.errors)")
        }
        let status = try await service.run("status", "anna").text
        #expect(status.contains("receiving     paused") && status.contains("sending       paused"), "\(status)")
        #expect(try await service.run("status", "--problems").status == .exited(0))
        #expect(try service.delivered().isEmpty && sink.transactions().isEmpty)
        #expect(try await service.run("resume", "anna").status == .exited(0))
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(sameMessages(try service.delivered(), try await service.served()))
        #expect(try await sink.transactions(atLeast: 1).count == 1)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
        await sink.stop()
    }

    @Test("fetches only new mail while old mail waits, tells how much, and then all of it")
    func backfill() async throws {
        let service = try await ServiceUnderTest.start()
        let old = (0..<1100).map { number in
            Array("Message-ID: <\(number)@example.org>\r\nSubject: \(number)\r\n\r\nOld.\r\n".utf8)
        }
        try service.dovecot.deliver(old, to: ServiceUnderTest.user)
        try service.configure(receive: "enabled: false")
        var daemon = try await service.serve()
        try await service.consent()
        #expect(try await service.run("pause", "anna", "--backfill").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        try service.configure()
        daemon = try await service.serve()
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        let new = MessageCorpus().messages(2)
        try service.dovecot.deliver(new, to: ServiceUnderTest.user)
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(sameMessages(try service.delivered(), Array(try await service.served().suffix(2))))
        let status = try await service.run("status", "anna")
        #expect(status.text.contains("INBOX: 0 done, 1100 waiting, paused"), "\(status.text)")
        #expect(try await service.run("resume", "anna", "--backfill").status == .exited(0))
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        #expect(sameMessages(try service.delivered(), try await service.served()))
        try await daemon.errors.line(containing: "EVENT=backfill_finished")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
