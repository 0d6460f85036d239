import Glibc
import TestSupport
import Testing

@Suite("The service sends") struct SendingServiceTests {
    private static func message(_ subject: String, to recipients: String = "somebody@example.org") -> String {
        "From: \(ServiceUnderTest.user)\nTo: \(recipients)\nSubject: \(subject)\n\n.\nGrüße\n..dots\n"
    }

    @Test("what send and sendmail queue, through a real submission service, once each")
    func real() async throws {
        let sink = try await SMTPSink.start()
        let service = try await ServiceUnderTest.start(relay: sink)
        let daemon = try await service.serve()
        try await service.consent()
        var ids: Set<String> = []
        for number in 0..<6 {
            let input = Self.message("number \(number)")
            let finished =
                number.isMultiple(of: 2)
                ? try await service.run("send", "--to", "somebody@example.org", input: input)
                : try await service.run("sendmail", "-t", "-i", input: input)
            #expect(finished.status == .exited(0), "\(finished.errors)")
            ids.insert(finished.text)
        }
        let accepted = try await sink.transactions(atLeast: 6)
        #expect(accepted.count == 6)
        #expect(Set(accepted.compactMap { $0.header("Subject") }).count == 6)
        #expect(accepted.allSatisfy { $0.recipients == ["somebody@example.org"] })
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
        await sink.stop()
    }

    @Test("to those a server accepts, and tells which it refused")
    func someRefused() async throws {
        let refused: Set<String> = ["b2@example.org", "b5@example.org", "b8@example.org"]
        var options = SMTPServerOptions()
        options.policy = { event in
            event.verb == "RCPT" && refused.contains(event.path) ? .reply("550 5.1.1 no such user") : nil
        }
        let server = try await SMTPServer.start(options)
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let recipients = (0..<10).map { "b\($0)@example.org" }
        let sent = try await service.run(
            "send", input: Self.message("ten", to: recipients.joined(separator: ", ")))
        let id = try #require(sent.text.split(separator: "\n").first.map(String.init))
        try await daemon.errors.line(containing: "EVENT=message_failed")
        #expect(server.transactions.count == 1)
        #expect(Set(server.transactions.flatMap(\.recipients)) == Set(recipients).subtracting(refused))
        let queue = try await service.run("queue", "list", "--state", "failed")
        #expect(queue.status == .exited(0) && queue.text.contains(id))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("never again what may have been accepted: it is in doubt until somebody decides")
    func inDoubt() async throws {
        var options = SMTPServerOptions()
        options.policy = { event in event.verb == "." && event.occurrence == 1 ? .acceptAndClose : nil }
        let server = try await SMTPServer.start(options)
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        var daemon = try await service.serve()
        try await service.consent()
        let id = try await service.run("send", input: Self.message("doubt")).text.split(separator: "\n")[0]
        try await daemon.errors.line(containing: "EVENT=message_in_doubt")
        // Not even a restart sends it again.
        #expect(await daemon.stop() == .exited(0))
        daemon = try await service.serve()
        let shown = try await service.run("queue", "show", String(id))
        #expect(shown.text.contains("in_doubt"))
        #expect(server.transactions.count == 1)
        #expect(try await service.run("queue", "retry", String(id)).status == .exited(0))
        try await server.transactions(atLeast: 2)
        try await daemon.errors.line(containing: "EVENT=message_sent")
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("what is past its final dot when it is told to stop: the reply is awaited, and nothing is in doubt")
    func stopping() async throws {
        let gate = Gate()
        var options = SMTPServerOptions()
        options.policy = { event in event.verb == "." ? .hold(gate) : nil }
        let server = try await SMTPServer.start(options)
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        var daemon = try await service.serve()
        try await service.consent()
        let id = try await service.run("send", input: Self.message("late")).text.split(separator: "\n")[0]
        try await server.events(atLeast: 1) { $0.verb == "." }
        daemon.send(signal: SIGTERM)
        try await daemon.errors.line(containing: "EVENT=stopping")
        gate.open()
        #expect(try await daemon.exit() == .exited(0))
        daemon = try await service.serve()
        #expect(try await service.queue("sent") == [String(id): "sent"])
        #expect(server.transactions.count == 1)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("on with other settings although a reply to a final dot is due, which is recorded when it comes")
    func reloadPastDot() async throws {
        let gate = Gate()
        var options = SMTPServerOptions()
        options.policy = { event in event.verb == "." && event.occurrence == 1 ? .hold(gate) : nil }
        let server = try await SMTPServer.start(options)
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let first = try await service.run("send", input: Self.message("first")).text.split(separator: "\n")[0]
        try await server.events(atLeast: 1) { $0.verb == "." }
        try service.configure(send: "rate: {messages_per_minute: 1000}")
        #expect(try await service.run("reload").status == .exited(0))
        #expect(try await service.run("send", input: Self.message("second")).status == .exited(0))
        try await server.transactions(atLeast: 1)
        gate.open()
        try await server.transactions(atLeast: 2)
        try await daemon.errors.line("the record of the late reply") { line in
            line.contains("EVENT=message_sent") && line.contains("QUEUE_ID=\(first)")
        }
        #expect(await daemon.stop() == .exited(0))
        #expect(Set(server.transactions.compactMap { $0.header("Subject") }) == ["first", "second"])
        #expect(server.transactions.count == 2)
        await service.stop()
    }

    @Test("later what a server defers, and parks on a refused sign-in without counting an attempt")
    func parked() async throws {
        var options = SMTPServerOptions()
        options.policy = { event in
            event.verb == "AUTH" && event.occurrence <= 2
                ? .reply(
                    "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.")
                : nil
        }
        let server = try await SMTPServer.start(options)
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        let daemon = try await service.serve()
        try await service.consent()
        let id = try await service.run("send", input: Self.message("parked")).text.split(separator: "\n")[0]
        try await daemon.errors.line(containing: "NEW_STATE=needs_admin")
        let shown = try await service.run("queue", "show", String(id), "--json")
        #expect(shown.text.contains("\"attempts\":0") || shown.text.contains("\"attempts\" : 0"))
        #expect(server.transactions.isEmpty)
        // Whoever mended it says so with a reload, and the message leaves.
        for _ in 0..<2 { #expect(try await service.run("reload").status == .exited(0)) }
        try await server.transactions(atLeast: 1)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test(
        "no message that is not one",
        arguments: [
            "Subject: no author\n\nx\n", "From: anna@example.test\nTo: a@b.example\n\nx\u{0}y\n",
            "From: stranger@example.org\nTo: a@b.example\n\nx\n",
        ])
    func refused(message: String) async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        let finished = try await service.run("send", "--to", "a@b.example", "--account", "anna", input: message)
        #expect(finished.status == .exited(65))
        #expect(!finished.errors.isEmpty && finished.output.isEmpty)
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }

    @Test("a configuration with errors changes nothing at a reload")
    func reload() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        try service.directory.file("postbote.yaml", "pol_interval: 5m\n", mode: 0o600)
        let refused = try await service.run("reload")
        #expect(refused.status == .exited(78))
        #expect(refused.errors.contains("postbote.yaml:1:1"))
        #expect(try await service.run("status", "anna").status == .exited(0))
        try service.configure()
        #expect(try await service.run("reload").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        await service.stop()
    }
}
