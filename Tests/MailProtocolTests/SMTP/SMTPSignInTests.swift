import Diagnostics
import MailProtocol
import Testing

@Suite struct SMTPSignInTests {
    private func exchange(_ mechanism: SASLMechanism, token: String = "token") throws -> SASLExchange {
        let credential: SASLCredential =
            mechanism.credentialKind == .bearer
            ? .bearer(user: "a@x.test", token: Secret(token)) : .password(user: "a@x.test", password: Secret(token))
        return try SASLExchange(mechanism: mechanism, credential: credential, host: "smtp.x.test", port: 587)
    }

    private func dialog(_ mechanism: SASLMechanism, token: String = "token") throws -> SMTPDialog {
        var dialog = SMTPDialog()
        dialog.perform(dialog.session.authenticate(try exchange(mechanism, token: token)))
        return dialog
    }

    @Test("A short credential goes with the command", arguments: [SASLMechanism.xoauth2, .oauthBearer, .plain])
    func initialResponse(mechanism: SASLMechanism) throws {
        var dialog = try dialog(mechanism)
        let line = try #require(dialog.client().first)
        #expect(line.hasPrefix("AUTH \(mechanism.rawValue) ") && line.utf8.count <= 510)
        dialog.server("235 2.7.0 Accepted")
        #expect(dialog.actions == [.signedIn])
        #expect(dialog.session.isReady)
    }

    @Test("A line of 512 octets is the longest that takes the credential along")
    func limit() throws {
        // "AUTH XOAUTH2 " + base64 of 33 octets and the token + CRLF.
        let longest = (1...400).last { count in
            var dialog = try? dialog(.xoauth2, token: String(repeating: "t", count: count))
            return dialog?.client().first?.contains("XOAUTH2 ") == true
        }
        var atLimit = try dialog(.xoauth2, token: String(repeating: "t", count: try #require(longest)))
        let length = try #require(atLimit.client().first).utf8.count + 2
        #expect((509...512).contains(length))
    }

    @Test("A long token follows the server's empty challenge", arguments: [SASLMechanism.xoauth2, .oauthBearer])
    func twoSteps(mechanism: SASLMechanism) throws {
        var dialog = try dialog(mechanism, token: String(repeating: "t", count: 2000))
        #expect(dialog.client() == ["AUTH \(mechanism.rawValue)"])
        dialog.server("334 ")
        #expect(try #require(dialog.client().first).utf8.count > 2000)
        dialog.server("235 2.7.0 Authentication successful")
        #expect(dialog.actions == [.signedIn])
    }

    @Test("LOGIN answers two questions")
    func login() throws {
        var dialog = try dialog(.login)
        #expect(dialog.client() == ["AUTH LOGIN"])
        dialog.server("334 VXNlcm5hbWU6")
        #expect(dialog.client() == ["YUB4LnRlc3Q="])
        dialog.server("334 UGFzc3dvcmQ6")
        #expect(dialog.client() == ["dG9rZW4="])
        dialog.server("235 ok")
        #expect(dialog.actions == [.signedIn])
    }

    @Test("Gmail's error challenge is answered with an empty line, and its reason kept")
    func errorChallenge() throws {
        var dialog = try dialog(.xoauth2)
        _ = dialog.client()
        dialog.server(
            "334 eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K"
        )
        #expect(dialog.client() == [""])
        dialog.server("535-5.7.1 Username and Password not accepted. Learn more at", "535 5.7.1 https://x - gsmtp")
        let failure = try #require(dialog.signInFailure)
        #expect(failure.condition == .signInRefused && failure.scope == .direction)
        #expect(failure.place["token_error"]?.contains("status=401") == true)
        #expect(dialog.session.isReady && !dialog.isClosed)
    }

    @Test("OAUTHBEARER's error challenge is answered with AQ==")
    func oauthBearerError() throws {
        var dialog = try dialog(.oauthBearer)
        _ = dialog.client()
        dialog.server("334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=")
        #expect(dialog.client() == ["AQ=="])
        dialog.server("535 5.7.8 no")
        #expect(dialog.signInFailure?.place["token_error"] == "status=invalid_token")
    }

    @Test("Exchange refuses without a challenge")
    func exchangeRefusal() throws {
        var dialog = try dialog(.xoauth2)
        dialog.server("535 5.7.3 Authentication unsuccessful [AM0PR04CA0001.eurprd04.prod.outlook.com]")
        #expect(dialog.signInFailure?.condition == .signInRefused)
    }

    @Test("A server that asks for more is told to stop", arguments: ["501 5.7.0 Aborted", "535 5.7.3 No"])
    func cancel(reply: String) throws {
        var dialog = try dialog(.plain)
        _ = dialog.client()
        dialog.server("334 bW9yZQ==")
        #expect(dialog.client() == ["*"])
        dialog.server(reply)
        let failure = try #require(dialog.signInFailure)
        #expect(failure.condition == nil && failure.reason.contains("PLAIN"))
        #expect(dialog.session.isReady)
    }

    @Test("After 421 the connection is closed")
    func unavailable() throws {
        var dialog = try dialog(.xoauth2)
        dialog.server("421 4.3.2 Service not available")
        #expect(dialog.signInFailure?.retry == .later(after: nil))
        #expect(dialog.isClosed && dialog.session.isClosed)
    }

    @Test("A connection that breaks ends the sign-in")
    func lost() throws {
        var dialog = try dialog(.xoauth2)
        let failure = Failure(.direction, .now, operation: "read", reason: "Gone.")
        dialog.perform(dialog.session.connectionEnded(failure))
        #expect(dialog.actions == [.signInFailed(failure), .close(failure)])
    }

    @Test("Another mechanism may follow on the same connection")
    func secondMechanism() throws {
        var dialog = try dialog(.oauthBearer)
        dialog.server("504 5.5.4 Unrecognized authentication type")
        dialog.perform(dialog.session.authenticate(try exchange(.xoauth2)))
        dialog.server("235 ok")
        #expect(dialog.actions.last == .signedIn)
    }

    @Test(
        "Another mechanism is worth a try only after a refusal of the mechanism itself",
        arguments: [
            (SASLMechanism.oauthBearer, ["504 5.5.4 Unrecognized authentication type"], true),
            (.oauthBearer, ["502 Command not implemented"], true), (.oauthBearer, ["535 Not this way"], true),
            (.oauthBearer, ["535 5.7.8 Username and Password not accepted"], false),
            (.oauthBearer, ["334 eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0=", "535 Refused"], false),
            (.oauthBearer, ["454 Temporary authentication failure"], false), (.xoauth2, ["535 Not this way"], false),
            (.plain, ["504 Unrecognized authentication type"], true), (.plain, ["535 Refused"], false),
        ])
    func mechanismAlone(mechanism: SASLMechanism, replies: [String], isAlone: Bool) throws {
        var dialog = try dialog(mechanism)
        for reply in replies { dialog.server(reply) }
        #expect(dialog.signInFailure != nil)
        #expect(dialog.session.refusedMechanismAlone == isAlone)
    }

    @Test("No line shows the credential", arguments: SASLMechanism.allCases)
    func secrecy(mechanism: SASLMechanism) throws {
        var session = SMTPSession(capabilities: .everything)
        var shown = ""
        for action in session.authenticate(try exchange(mechanism)) { shown += "\(action)" }
        for action in session.receive("334 \r\n".utf8) { shown += "\(action)" }
        for secret in ["token", "dG9rZW4", "Rva2Vu", "b2tlb"] { #expect(!shown.contains(secret)) }
    }
}
