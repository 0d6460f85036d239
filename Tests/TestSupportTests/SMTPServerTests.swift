import TestSupport
import Testing

@Suite("An SMTP server for tests")
struct SMTPServerTests {
    static let anna = "anna@example.test"

    static func open(_ server: SMTPServer, tls: LineClient.TLS = .none) async throws -> LineClient {
        let client = try await LineClient(port: server.port, tls: tls)
        try await client.line(beginning: "220 ")
        try await client.ask("EHLO client", until: "250 ")
        return client
    }

    static func unauthenticated() -> SMTPServerOptions {
        var options = SMTPServerOptions()
        options.requiresAuthentication = false
        return options
    }

    @Test("takes a pipelined message over, without its dot-stuffing")
    func message() async throws {
        let server = try await SMTPServer.start(Self.unauthenticated())
        let client = try await Self.open(server)
        try client.send("MAIL FROM:<\(Self.anna)> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<one@example.net>\r\nDATA")
        try await client.line(beginning: "354")
        try client.send("Message-ID: <1@example.test>\r\n\r\n..\r\nGrüße\r\n.")
        try await client.line(beginning: "250 2.0.0")
        #expect(
            server.transactions == [
                SMTPTransaction(
                    reversePath: Self.anna, parameters: ["SIZE=100", "BODY=8BITMIME"],
                    recipients: ["one@example.net"],
                    bytes: Array("Message-ID: <1@example.test>\r\n\r\n.\r\nGrüße\r\n".utf8))
            ])
        #expect(server.deliveries == ["<1@example.test>": ["one@example.net": 1]])
        #expect(server.violations.isEmpty)
        try await client.ask("QUIT", until: "221")
        #expect(try await client.line() == nil)
        await server.stop()
    }

    @Test(
        "signs in with passwords and tokens, and refuses in both shapes",
        arguments: [
            SMTPServerOptions.TokenRefusal.challenge, .plain,
        ])
    func authentication(refusal: SMTPServerOptions.TokenRefusal) async throws {
        let signer = TokenSigner()
        var options = SMTPServerOptions()
        options.signer = signer
        options.passwords = [Self.anna: "secret"]
        options.tokenRefusal = refusal
        let server = try await SMTPServer.start(options)
        let token = try AccessToken(user: Self.anna).signed(by: signer)
        let refused = refusal == .challenge ? "334" : "535 5.7.3"
        for (mechanism, response, answer) in [
            ("PLAIN", SASLResponse.plain(user: Self.anna, password: "secret"), "235"),
            ("PLAIN", SASLResponse.plain(user: Self.anna, password: "wrong"), "535"),
            ("XOAUTH2", SASLResponse.xoauth2(user: Self.anna, token: token), "235"),
            ("XOAUTH2", SASLResponse.xoauth2(user: "bernd@example.test", token: token), refused),
            ("OAUTHBEARER", SASLResponse.oauthbearer(user: Self.anna, token: token, port: server.port), "235"),
            ("OAUTHBEARER", SASLResponse.oauthbearer(user: Self.anna, token: "x.y.z", port: server.port), refused),
        ] {
            let client = try await Self.open(server)
            try await client.ask("MAIL FROM:<\(Self.anna)>", until: "530")
            try await client.ask("AUTH \(mechanism)", until: "334 ")
            try await client.ask(response, until: answer)
            if answer == "334" { try await client.ask("", until: "535") }
            try await client.ask("MAIL FROM:<\(Self.anna)>", until: answer == "235" ? "250" : "530")
            await client.close()
        }
        await server.stop()
    }

    @Test("speaks TLS, after STARTTLS or from the start")
    func tls() async throws {
        var options = Self.unauthenticated()
        options.requiresTLS = true
        let server = try await SMTPServer.start(options)
        let directory = try TemporaryDirectory()
        let authority = try directory.file("authority.pem", server.authority)
        let clear = try await Self.open(server)
        try await clear.ask("MAIL FROM:<\(Self.anna)>", until: "530 5.7.0")
        let client = try await LineClient(port: server.port, tls: .starttls("smtp"), authorityFile: authority)
        try await client.ask("EHLO again", until: "250 ")
        try await client.ask("MAIL FROM:<\(Self.anna)>", until: "250")
        await server.stop()
        options.hasImplicitTLS = true
        let implicit = try await SMTPServer.start(options)
        let other = try await LineClient(port: implicit.port, tls: .implicit, authorityFile: authority)
        try await other.line(beginning: "220 ")
        await implicit.stop()
    }

    @Test("does what its policy says: refuses recipients, loses replies, hangs up, waits")
    func policy() async throws {
        let gate = Gate()
        var options = Self.unauthenticated()
        options.policy = { event in
            switch (event.verb, event.path) {
            case ("RCPT", "no@example.net"): .reply("550 5.1.1 No such user")
            case ("RCPT", "later@example.net"): .reply("450 4.2.1 Try later")
            case ("NOOP", _): .hold(gate)
            case ("VRFY", _): .replyAndClose("421 4.3.2 Going down")
            case ("HELP", _): .close
            case (".", _) where event.occurrence == 1: .acceptAndClose
            case (".", _): .reply("451-4.7.0 Not now\n451 4.7.0 Later")
            default: nil
            }
        }
        let server = try await SMTPServer.start(options)
        let client = try await Self.open(server)
        try client.send(
            "MAIL FROM:<\(Self.anna)>\r\nRCPT TO:<no@example.net>\r\nRCPT TO:<yes@example.net>\r\n"
                + "RCPT TO:<later@example.net>\r\nDATA")
        for reply in ["250", "550", "250", "450", "354"] {
            #expect(try await client.line()?.hasPrefix(reply) == true)
        }
        try client.send("Subject: x\r\n\r\nx\r\n.")
        #expect(try await client.line() == nil)
        #expect(server.transactions.map(\.recipients) == [["yes@example.net"]])
        let second = try await Self.open(server)
        try client.send(bytes: [])
        try second.send("MAIL FROM:<\(Self.anna)>\r\nRCPT TO:<yes@example.net>\r\nDATA")
        try await second.line(beginning: "354")
        try second.send("Subject: y\r\n\r\ny\r\n.")
        try await second.line(beginning: "451-4.7.0")
        try await second.line(beginning: "451 4.7.0")
        #expect(server.transactions.count == 1)
        try second.send("NOOP")
        try await server.events(atLeast: 1) { $0.verb == "NOOP" }
        gate.open()
        try await second.line(beginning: "250 2.0.0")
        try await second.ask("VRFY x", until: "421")
        #expect(try await second.line() == nil)
        #expect(server.connectionsMade == 2)
        await server.stop()
    }

    /// What a client may not do, and what the server notes.
    @Test(
        "notes what breaks the RFCs, and takes no message with stray line ends",
        arguments: [
            ("MAIL FROM:<a@example.test>\nRCPT TO:<b@example.test>\r\n", "bare LF in a command", "500"),
            ("NOOP\r\nNOOP\r\n", "input before the reply to NOOP", "250"),
            ("FROB\r\n", "unknown command FROB", "500"),
            ("MAIL FROM: <a@example.test>\r\n", nil, "501"),
            ("MAIL FROM:<a@example.test> FROB=1\r\n", nil, "555"),
            ("MAIL FROM:<ä@example.test>\r\n", nil, "553"),
            ("MAIL FROM:<a@example.test> SIZE=99999999\r\n", nil, "552"),
            ("RCPT TO:<a@example.test>\r\n", nil, "503"),
            ("DATA\r\n", nil, "503"),
        ])
    func violations(input: String, violation: String?, reply: String) async throws {
        let server = try await SMTPServer.start(Self.unauthenticated())
        let client = try await Self.open(server)
        try client.send(bytes: Array(input.utf8))
        try await client.line(beginning: reply)
        #expect(server.violations == [violation].compactMap { $0 })
        await server.stop()
    }

    @Test(
        "ends a message only at CRLF . CRLF, and refuses bare CR, bare LF and NUL",
        arguments: [
            ("x\n.\r\n", "bare LF"), ("x\n.\n", "bare LF"), ("x\ry\r\n", "bare CR"), ("\0\r\n", "NUL"),
        ])
    func smuggling(content: String, violation: String) async throws {
        let server = try await SMTPServer.start(Self.unauthenticated())
        let client = try await Self.open(server)
        try await client.ask("MAIL FROM:<a@example.test>", until: "250")
        try await client.ask("RCPT TO:<b@example.test>", until: "250")
        try await client.ask("DATA", until: "354")
        try client.send(bytes: Array(content.utf8))
        try client.send("\r\n.")
        try await client.line(beginning: "550 5.6.11")
        #expect(server.violations == [violation])
        #expect(server.transactions.isEmpty)
        await server.stop()
    }
}
