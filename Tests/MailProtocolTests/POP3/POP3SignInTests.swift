import Diagnostics
import MailProtocol
import Testing

@Suite struct POP3SignInTests {
    private func dialog(_ mechanism: SASLMechanism, _ capabilities: String...) throws -> POP3Dialog {
        var dialog = POP3Dialog()
        dialog.session = POP3Session(capabilities: POP3Capabilities(lines: capabilities))
        let credential = SASLCredential(kind: mechanism.credentialKind, user: "a@x.test", secret: Secret("token"))
        let exchange = try SASLExchange(mechanism: mechanism, credential: credential, host: "pop.x.test", port: 995)
        dialog.perform(dialog.session.authenticate(exchange))
        return dialog
    }

    @Test("Exchange asks before it is told")
    func exchange() throws {
        var dialog = try dialog(.xoauth2)
        #expect(dialog.client() == "AUTH XOAUTH2\r\n")
        dialog.server("+ \r\n")
        #expect(dialog.client() == "dXNlcj1hQHgudGVzdAFhdXRoPUJlYXJlciB0b2tlbgEB\r\n")
        dialog.server("+OK User successfully authenticated.\r\n")
        #expect(dialog.actions == [.signedIn] && dialog.session.isReady)
    }

    @Test("A server that wants the credential in the same line gets it so")
    func oneLine() throws {
        var dialog = try dialog(.xoauth2)
        _ = dialog.client()
        dialog.server("-ERR malformed command\r\n")
        #expect(dialog.client() == "AUTH XOAUTH2 dXNlcj1hQHgudGVzdAFhdXRoPUJlYXJlciB0b2tlbgEB\r\n")
        dialog.server("+OK Welcome.\r\n")
        #expect(dialog.actions == [.signedIn])
    }

    @Test("Gmail's error challenge is answered with an empty line, and its reason kept", arguments: [true, false])
    func errorChallenge(asks: Bool) throws {
        var dialog = try dialog(.xoauth2)
        dialog.server(asks ? "+\r\n" : "-ERR malformed command\r\n")
        _ = dialog.client()
        dialog.server(
            "+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29vZ2xlLmNvbS8ifQ==\r\n")
        #expect(dialog.client() == "\r\n")
        dialog.server("-ERR [AUTH] Username and password not accepted.\r\n")
        #expect(dialog.failure?.condition == .signInRefused)
        #expect(dialog.failure?.place["token_error"]?.contains("status=400") == true)
        #expect(dialog.session.isReady)
    }

    @Test("USER and PASS sign in where that is all there is")
    func userAndPassword() throws {
        var dialog = POP3Dialog("USER")
        dialog.perform(
            try dialog.session.authenticate(withUserAndPassword: .password(user: "a", password: Secret("p w"))))
        #expect(dialog.client() == "USER a\r\n")
        dialog.server("+OK\r\n")
        #expect(dialog.client() == "PASS p w\r\n")
        dialog.server("+OK logged in\r\n")
        #expect(dialog.actions == [.signedIn])
    }

    @Test("A refused user or password is a refused sign-in", arguments: [["-ERR no"], ["+OK", "-ERR [AUTH] no"]])
    func refusedPassword(replies: [String]) throws {
        var dialog = POP3Dialog()
        dialog.perform(
            try dialog.session.authenticate(withUserAndPassword: .password(user: "a", password: Secret("p"))))
        for reply in replies { dialog.server(reply + "\r\n") }
        #expect(dialog.failure?.condition == .signInRefused)
    }

    @Test(
        "A login or password that would end its line is not sent",
        arguments: [("a\r\nDELE 1", "p"), ("a", "p\nx"), ("", "p"), ("a", "")])
    func injection(user: String, password: String) {
        var session = POP3Session(capabilities: POP3Capabilities())
        #expect(throws: Failure.self) {
            _ = try session.authenticate(withUserAndPassword: .password(user: user, password: Secret(password)))
        }
        #expect(throws: Failure.self) {
            _ = try session.authenticate(withUserAndPassword: .bearer(user: "a", token: Secret("t")))
        }
    }

    @Test("A server that asks for more is told to stop")
    func cancel() throws {
        var dialog = try dialog(.plain)
        dialog.server("+\r\n")
        _ = dialog.client()
        dialog.server("+ bW9yZQ==\r\n")
        #expect(dialog.client() == "*\r\n")
        dialog.server("-ERR aborted\r\n")
        #expect(dialog.failure?.reason.contains("PLAIN") == true && dialog.failure?.condition == nil)
    }

    @Test("A server that says OK before it has seen a credential has not signed anybody in")
    func early() throws {
        var dialog = try dialog(.xoauth2)
        dialog.server("+OK\r\n")
        #expect(dialog.failure != nil && !dialog.actions.contains(.signedIn))
    }

    @Test(
        "A refusal is understood as its server means it",
        arguments: [
            ("-ERR Authentication failure: unknown user name or bad password.", .whenReauthorized, .signInRefused),
            ("-ERR [AUTH] Username and password not accepted.", .whenReauthorized, .signInRefused),
            ("-ERR [IN-USE] Unable to lock maildrop: Mailbox is locked by POP server", .later(after: nil), nil),
            (
                "-ERR [LOGIN-DELAY] minimum time between mail checks violation", .later(after: .seconds(900)),
                .throttled
            ),
            ("-ERR [SYS/TEMP] Temporary system problem. Please try again later.", .later(after: nil), nil),
            (
                "-ERR [SYS/PERM] Your account is not enabled for POP access. Please visit your Gmail settings page and enable your account for POP access.",
                .whenReconfigured(by: .tenantAdministrator), nil
            ),
            ("-ERR [SYS/PERM] Mailbox is gone", .whenReconfigured(by: .tenantAdministrator), nil),
            ("-ERR Your account is not enabled for POP access", .whenReconfigured(by: .tenantAdministrator), nil),
            ("-ERR Server unavailable. 15", .later(after: nil), nil),
            ("-ERR Too many connections", .later(after: nil), .throttled),
        ] as [(String, Failure.Retry, Failure.Condition?)])
    func refusal(line: String, retry: Failure.Retry, condition: Failure.Condition?) throws {
        var dialog = try dialog(.xoauth2, "LOGIN-DELAY 900")
        dialog.server("+\r\n")
        dialog.server(line + "\r\n")
        let failure = try #require(dialog.failure)
        #expect(failure.scope == .direction && failure.retry == retry && failure.condition == condition)
        #expect(failure.serverLine == line && failure.reason.hasSuffix("."))
    }

    @Test("A connection that breaks ends the sign-in")
    func lost() throws {
        var dialog = try dialog(.xoauth2)
        let gone = Failure(.direction, .now, operation: "read", reason: "Gone.")
        dialog.perform(dialog.session.connectionEnded(gone))
        #expect(dialog.actions == [.signInFailed(gone), .close(gone)])
    }

    @Test("No line shows the credential", arguments: [SASLMechanism.xoauth2, .plain])
    func secrecy(mechanism: SASLMechanism) throws {
        let credential = SASLCredential(kind: mechanism.credentialKind, user: "a@x.test", secret: Secret("token"))
        let exchange = try SASLExchange(mechanism: mechanism, credential: credential, host: "x", port: 1)
        for reply in ["+\r\n", "-ERR what\r\n"] {
            var session = POP3Session(capabilities: POP3Capabilities())
            var shown = "\(session.authenticate(exchange))"
            shown += "\(session.receive(Array(reply.utf8)[...]))"
            for secret in ["token", "dG9rZW4", "Rva2Vu", "b2tlb"] { #expect(!shown.contains(secret)) }
        }
    }
}
