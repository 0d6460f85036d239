import Diagnostics
import TestSupport
import Testing

@Suite("A Dovecot for tests")
struct DovecotServerTests {
    static let anna = "anna@example.test"

    @Test("serves IMAP, POP3 and submission, with TLS and STARTTLS")
    func services() async throws {
        let server = try await DovecotServer.start()
        let ways: [(DovecotService, LineClient.TLS, String)] = [
            (.imap, .none, "* OK"), (.imaps, .implicit, "* OK"), (.pop3, .none, "+OK"), (.pop3s, .implicit, "+OK"),
            (.submission, .none, "220 "), (.submissions, .implicit, "220 "),
        ]
        for (service, tls, greeting) in ways {
            let client = try await LineClient(
                port: server.port(service), tls: tls, authorityFile: server.authorityFile)
            try await client.line(beginning: greeting)
            await client.close()
        }
        for (service, name, command, answer) in [
            (DovecotService.imap, "imap", "a CAPABILITY", "a OK"), (.pop3, "pop3", "CAPA", "+OK"),
            (.submission, "smtp", "EHLO client", "250 "),
        ] {
            let client = try await LineClient(
                port: server.port(service), tls: .starttls(name), authorityFile: server.authorityFile)
            try await client.ask(command, until: answer)
            await client.close()
        }
        await server.stop()
    }

    /// One token, and whether it opens anna's mailbox.
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let token: @Sendable (DovecotServer) throws -> String
        let opens: Bool

        init(_ description: String, opens: Bool, _ token: @escaping @Sendable (DovecotServer) throws -> String) {
            testDescription = description
            self.token = token
            self.opens = opens
        }

        static func claims(
            _ description: String, opens: Bool = false, _ change: @escaping @Sendable (inout AccessToken) -> Void
        )
            -> Sample
        {
            Sample(description, opens: opens) { server in
                var token = AccessToken(user: anna)
                change(&token)
                return try server.accessToken(token)
            }
        }

        static let all: [Sample] = [
            .claims("valid", opens: true) { _ in },
            .claims("of the right user in other letters", opens: true) { $0.user = "Anna@Example.test" },
            .claims("of an app", opens: true) { $0.user = nil },
            .claims("of another user") { $0.user = "bernd@example.test" },
            .claims("expired") { $0.issued = SystemClock().now - .seconds(7200) },
            .claims("of tomorrow") { $0.issued = SystemClock().now + .seconds(86400) },
            .claims("for another audience") { $0.audience = "https://graph.microsoft.com" },
            .claims("of another issuer") { $0.issuer = "https://sts.test/another" },
            Sample("signed with another key", opens: false) { _ in
                try AccessToken(user: anna).signed(by: TokenSigner())
            },
            Sample("of an unknown key", opens: false) { _ in
                try AccessToken(user: anna).signed(by: TokenSigner(keyIdentifier: "another"))
            },
            Sample("changed after signing", opens: false) { server in
                let parts = try server.accessToken(for: "bernd@example.test").split(separator: ".")
                let other = try server.accessToken(for: anna).split(separator: ".")
                return [parts[0], other[1], parts[2]].joined(separator: ".")
            },
            Sample("no token at all", opens: false) { _ in "not-a-token" },
        ]
    }

    @Test(
        "opens a mailbox only for a valid token of the right user",
        arguments: [DovecotService.imap, .pop3, .submission])
    func tokens(service: DovecotService) async throws {
        let server = try await DovecotServer.start(DovecotOptions(users: [.init(Self.anna), "bernd@example.test"]))
        for sample in Sample.all {
            let client = try await LineClient(port: server.port(service))
            let response = SASLResponse.xoauth2(user: Self.anna, token: try sample.token(server))
            let opened = try await signIn(client, service, mechanism: "XOAUTH2", response: response, dummy: "")
            #expect(opened == sample.opens, "\(sample.testDescription): \(server.log.lines.last ?? "")")
            await client.close()
        }
        await server.stop()
    }

    @Test("takes OAUTHBEARER, PLAIN and a token for a shared mailbox")
    func mechanisms() async throws {
        var options = DovecotOptions(users: [.init(Self.anna), "team@example.test"])
        options.delegations = ["team@example.test": Self.anna]
        let server = try await DovecotServer.start(options)
        let token = try server.accessToken(for: Self.anna)
        let stranger = try server.accessToken(for: "bernd@example.test")
        let port = server.port(.imap)
        let password = try #require(server.password(of: Self.anna))
        for (mechanism, response, opens) in [
            ("OAUTHBEARER", SASLResponse.oauthbearer(user: Self.anna, token: token, port: port), true),
            ("OAUTHBEARER", SASLResponse.oauthbearer(user: Self.anna, token: "no", port: port), false),
            ("PLAIN", SASLResponse.plain(user: Self.anna, password: password), true),
            ("PLAIN", SASLResponse.plain(user: Self.anna, password: token), false),
            ("XOAUTH2", SASLResponse.xoauth2(user: "team@example.test", token: token), true),
            ("XOAUTH2", SASLResponse.xoauth2(user: "team@example.test", token: stranger), false),
            ("XOAUTH2", SASLResponse.xoauth2(user: "nobody@example.test", token: token), false),
        ] {
            let client = try await LineClient(port: port)
            let dummy = mechanism == "OAUTHBEARER" ? "AQ==" : ""
            #expect(
                try await signIn(client, .imap, mechanism: mechanism, response: response, dummy: dummy) == opens,
                "\(mechanism) \(response)")
        }
        await server.stop()
    }

    /// Whether the server takes it. A refusal may come behind a challenge that wants a dummy answer.
    private func signIn(
        _ client: LineClient, _ service: DovecotService, mechanism: String, response: String, dummy: String
    ) async throws -> Bool {
        switch service {
        case .imap, .imaps:
            try await client.line(beginning: "* OK [")
            try client.send("a AUTHENTICATE \(mechanism) \(response)")
        case .pop3, .pop3s:
            try await client.line(beginning: "+OK")
            try client.send("AUTH \(mechanism) \(response)")
        default:
            try await client.line(beginning: "220 ")
            try await client.ask("EHLO client", until: "250 ")
            try client.send("AUTH \(mechanism) \(response)")
        }
        while let line = try await client.line() {
            if line.hasPrefix("+ ") || line.hasPrefix("334") { try client.send(dummy) }
            if ["a OK", "+OK", "235"].contains(where: line.hasPrefix) { return true }
            if ["a NO", "a BAD", "-ERR", "5", "4"].contains(where: line.hasPrefix) { return false }
        }
        return false
    }
}
