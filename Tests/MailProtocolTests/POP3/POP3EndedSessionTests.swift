import Diagnostics
import MailProtocol
import Testing

@Suite("A POP3 session that the server ended") struct POP3EndedSessionTests {
    @Test("answers commands with a failure")
    func commands() throws {
        var dialog = POP3Dialog("USER")
        dialog.perform(
            try dialog.session.authenticate(withUserAndPassword: .password(user: "a", password: Secret("p"))))
        dialog.server("+OK\r\n")
        dialog.server("+OK Welcome\r\n-ERR bye\r\n")
        #expect(dialog.session.isClosed)
        #expect(dialog.actions.first == .signedIn)
        dialog.actions = []
        dialog.perform(dialog.session.run([.stat, .uidl]))
        guard case .refused(.stat, let first) = dialog.actions[0], case .refused(.uidl, _) = dialog.actions[1],
            case .close(.some(first)) = dialog.actions[2]
        else { return #expect(Bool(false), "\(dialog.actions)") }
        #expect(first.condition == .sessionEnded)
    }

    @Test(
        "tries another mechanism when OAUTHBEARER is refused without a look at the token",
        arguments: [
            ("+ \r\n", "-ERR wrong host\r\n", true), ("+ \r\n", "-ERR [AUTH] no\r\n", false),
            ("+ \r\n", "-ERR [SYS/TEMP] later\r\n", false), ("-ERR no\r\n", "-ERR no\r\n", true),
            ("-ERR [AUTH] no\r\n", nil, false),
        ] as [(String, String?, Bool)])
    func fallsBack(first: String, second: String?, triesNext: Bool) throws {
        var dialog = POP3Dialog()
        let credential = SASLCredential(kind: .bearer, user: "a@x.test", secret: Secret("token"))
        let exchanges = try [SASLMechanism.oauthBearer, .xoauth2].map {
            try SASLExchange(mechanism: $0, credential: credential, host: "pop.x.test", port: 995)
        }
        dialog.perform(dialog.session.authenticate(exchanges[0], orElse: exchanges[1]))
        #expect(dialog.client() == "AUTH OAUTHBEARER\r\n")
        dialog.server(first)
        if let second {
            _ = dialog.client()
            dialog.server(second)
        }
        #expect(dialog.client() == (triesNext ? "AUTH XOAUTH2\r\n" : ""))
        #expect((dialog.failure == nil) == triesNext)
        guard triesNext else { return }
        dialog.server("+ \r\n")
        _ = dialog.client()
        dialog.server("-ERR no\r\n")
        #expect(dialog.failure?.condition == .signInRefused, "and no third one")
    }

    @Test("does not try another mechanism after the server's verdict on the token")
    func verdict() throws {
        var dialog = POP3Dialog()
        let credential = SASLCredential(kind: .bearer, user: "a@x.test", secret: Secret("token"))
        let exchanges = try [SASLMechanism.oauthBearer, .xoauth2].map {
            try SASLExchange(mechanism: $0, credential: credential, host: "pop.x.test", port: 995)
        }
        dialog.perform(dialog.session.authenticate(exchanges[0], orElse: exchanges[1]))
        dialog.server("+ \r\n")
        // {"status":"invalid_token"}
        dialog.server("+ eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=\r\n")
        _ = dialog.client()
        dialog.server("-ERR no\r\n")
        #expect(dialog.client() == "")
        #expect(dialog.failure?.condition == .signInRefused)
    }
}
