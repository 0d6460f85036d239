import Glibc
import TestSupport
import Testing

@Suite("The service's trace") struct TraceServiceTests {
    private static let message = [
        MarkedSecret("a fetched subject", "Zanzibar marmalade 4711"),
        MarkedSecret("a fetched body", "Kilimanjaro paperclip 0815"),
        MarkedSecret("a sent subject", "Patagonia typewriter 1234"),
        MarkedSecret("a sent body", "Reykjavik saxophone 5678"),
    ]

    private static func search(_ trace: ChildProcess, for secrets: [MarkedSecret]) {
        for secret in secrets {
            let forms = secret.forms(in: trace.output.bytes)
            #expect(forms.isEmpty, "\(secret.name) is shown \(forms)")
        }
    }

    @Test(
        "shows commands, replies and sizes of all servers, and neither a secret nor anything of a message",
        arguments: ["imap", "pop3"])
    func dialog(receiveProtocol: String) async throws {
        let server = try await SMTPServer.start(SMTPServerOptions())
        let service = try await ServiceUnderTest.start(submission: { _ in server })
        try service.configure(receive: "protocol: \(receiveProtocol)")
        let daemon = try await service.serve()
        try await service.consent()
        let trace = try service.begin("trace", "anna", "--for", "10m")
        try await trace.output.line(containing: "trace of anna until")
        let (words, mail) = (
            Self.message.map(\.text), "From: a@example.test\r\nMessage-ID: <1@example.test>\r\nSubject: "
        )
        try service.dovecot.deliver(
            Array("\(mail)\(words[0])\r\n\r\n\(words[1])\r\n".utf8), to: ServiceUnderTest.user)
        #expect(try await service.run("token", "anna", "--refresh").status == .exited(0))
        #expect(try await service.run("doctor", "anna").status == .exited(0))
        #expect(try await service.run("fetch", "anna", "--wait").status == .exited(0))
        let sent = try await service.run(
            "send", "--to", "b@example.org",
            input: "From: \(ServiceUnderTest.user)\nTo: b@example.org\nSubject: \(words[2])\n\n\(words[3])\n")
        #expect(sent.status == .exited(0), "\(sent.errors)")
        _ = try await server.transactions(atLeast: 1)
        try await daemon.errors.line(containing: "EVENT=message_sent")
        #expect(await daemon.stop() == .exited(0))
        #expect(try await trace.exit() == .exited(0), "\(trace.errors.text)")
        let shown = trace.output.text
        let received =
            receiveProtocol == "imap"
            ? [
                " UID FETCH ", "BODY[] [", "AUTHENTICATE", "<secret>", "certificate for localhost",
                "EXISTS",
            ]
            : [" C: UIDL", " C: RETR 1", " S: [", "octets]", "C: AUTH OAUTHBEARER", "<secret>", "+OK"]
        for piece in received + [
            "token#", "grant_type=refresh_token", "S: 200 ", "access_token=<secret>",
            "C: MAIL FROM:<\(ServiceUnderTest.user)>", "C: RCPT TO:<b@example.org>", "S: 354",
            "octets of the message]", "connecting to localhost:", " answered in ", "Postbote is stopping",
        ] { #expect(shown.contains(piece), "“\(piece)” is missing in:\n\(shown)") }
        Self.search(trace, for: Self.message + service.authorization.secrets)
        #expect(daemon.errors.text.contains("EVENT=trace_began ACCOUNT=anna"))
        #expect(daemon.errors.text.contains("uid \(geteuid())"))
        await service.stop()
    }

    @Test("withholds what servers repeat of a secret")
    func repeated() async throws {
        let planted = try await PlantedSecrets.start()
        let service = planted.service
        let daemon = try await service.serve(adding: planted.environment)
        for account in ["echo", "pop"] { try await service.consent(account, user: "\(account)@example.test") }
        for account in ["echo", "pop", "told", "wrong"] {
            let trace = try service.begin("trace", account, "--for", "10m", "--json")
            try await trace.output.line(containing: "trace of \(account) until")
            _ = try await service.run("fetch", account, "--wait")
            _ = try await service.run("doctor", account)
            trace.send(signal: SIGINT)
            #expect(try await trace.exit() == .killed(signal: SIGINT))
            let shown = trace.output.text
            #expect(shown.contains("connecting to localhost"), "\(shown)")
            Self.search(trace, for: try planted.planted + service.authorization.secrets)
        }
        #expect(await daemon.stop() == .exited(0))
        await planted.stop()
    }

    @Test("says that the account is parked and why a connection fails, and ends after its time")
    func failing() async throws {
        let service = try await ServiceUnderTest.start()
        let closed = try ListeningSocket()
        try closed.refuse()
        try service.configure(places: .init(imap: "host: localhost, port: \(closed.port), tls: implicit"))
        let daemon = try await service.serve()
        let parked = try await service.run("trace", "anna", "--for", "1s")
        #expect(parked.status == .exited(0), "\(parked.errors)")
        #expect(parked.text.contains("receiving is needs_authorization"), "\(parked.text)")
        #expect(parked.text.hasSuffix("* the time is over\n"), "\(parked.text)")
        try await service.consent()
        let trace = try service.begin("trace", "anna", "--for", "10m")
        try await trace.output.line(containing: "trace of anna until")
        _ = try await service.run("fetch", "anna", "--wait")
        try await trace.output.line(containing: "not connected: ")
        #expect(trace.output.text.contains("connecting to localhost:\(closed.port) (tls: implicit)"))
        #expect(try await service.run("reload").status == .exited(0))
        #expect(await daemon.stop() == .exited(0))
        _ = try await trace.exit()
        await service.stop()
    }

    @Test("has a bounded number of listeners, and room again when one has gone")
    func several() async throws {
        let service = try await ServiceUnderTest.start()
        let daemon = try await service.serve()
        var traces: [ChildProcess] = []
        for _ in 0..<4 {
            let trace = try service.begin("trace", "anna", "--for", "10m")
            try await trace.output.line(containing: "trace of anna until")
            traces.append(trace)
        }
        let refused = try await service.run("trace", "anna")
        #expect(refused.status == .exited(75) && refused.errors.contains("4 traces"), "\(refused.errors)")
        traces[0].send(signal: SIGKILL)
        _ = try await traces[0].exit()
        var again = try await service.run("trace", "anna", "--for", "1s")
        // The daemon notices by itself; nothing is written to the trace meanwhile.
        for _ in 0..<100 where again.status == .exited(75) {
            again = try await service.run("trace", "anna", "--for", "1s")
        }
        #expect(again.status == .exited(0), "\(again.errors)")
        #expect(await daemon.stop() == .exited(0))
        for trace in traces.dropFirst() { #expect(try await trace.exit() == .exited(0)) }
        await service.stop()
    }
}
