import Diagnostics
import MailModel
import MailProtocol
import Testing

@Suite("SASL exchange")
struct SASLExchangeTests {
    /// Google's own sample of an error challenge; its JSON ends in a line feed.
    static let googleError =
        "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIG1hYyIsInNjb3BlIjoiaHR0cHM6Ly9tYWlsLmdvb2dsZS5jb20vIn0K"

    static func exchange(_ mechanism: SASLMechanism, user: String = "anna@contoso.de", secret: String = "s3cret")
        throws -> SASLExchange
    {
        let credential = SASLCredential(kind: mechanism.credentialKind, user: user, secret: Secret(secret))
        return try SASLExchange(mechanism: mechanism, credential: credential, host: "mail.contoso.de", port: 993)
    }

    @Test("XOAUTH2 says what Microsoft's example says")
    func microsoftVector() throws {
        var exchange = try SASLExchange(
            mechanism: .xoauth2,
            credential: .bearer(
                user: "test@contoso.onmicrosoft.com", token: Secret("EwBAAl3BAAUFFpUAo7J3Ve0bjLBWZWCclRC3EoAA")),
            host: "outlook.office365.com", port: 993)
        #expect(
            exchange.initialResponse()?.reveal()
                == "dXNlcj10ZXN0QGNvbnRvc28ub25taWNyb3NvZnQuY29tAWF1dGg9QmVhcmVyIEV3QkFBbDNCQUFVRkZwVUFvN0ozVmUwYmpMQldaV0NjbFJDM0VvQUEBAQ=="
        )
    }

    @Test("OAUTHBEARER says what the example of RFC 7628 §4.1 says")
    func oauthBearerVector() throws {
        var exchange = try SASLExchange(
            mechanism: .oauthBearer,
            credential: .bearer(
                user: "user@example.com", token: Secret("vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==")),
            host: "server.example.com", port: 143)
        #expect(
            exchange.initialResponse()?.reveal()
                == "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB"
        )
    }

    @Test("PLAIN carries the password of RFC 4616 §4")
    func plainVector() throws {
        var exchange = try Self.exchange(.plain, user: "tim", secret: "tanstaaftanstaaf")
        let message = exchange.initialResponse()
        #expect(
            message.flatMap { Base64.decode(Array($0.reveal().utf8)) } == Array("\u{0}tim\u{0}tanstaaftanstaaf".utf8))
    }

    @Test("A comma or equals sign in the user is escaped for OAUTHBEARER (RFC 5801 §4)")
    func escapedUser() throws {
        var exchange = try Self.exchange(.oauthBearer, user: "a,b=c@d")
        let message = exchange.initialResponse().flatMap { Base64.decode(Array($0.reveal().utf8)) }
        #expect(String(decoding: message ?? [], as: UTF8.self).hasPrefix("n,a=a=2Cb=3Dc@d,\u{1}"))
    }

    @Test(
        "Without an initial response the first challenge brings the same message",
        arguments: [SASLMechanism.xoauth2, .oauthBearer, .plain])
    func twoSteps(mechanism: SASLMechanism) throws {
        var direct = try Self.exchange(mechanism)
        var stepwise = try Self.exchange(mechanism)
        let message = try stepwise.respond(to: [])
        #expect(message == direct.initialResponse())
        #expect(stepwise.initialResponse() == nil)
    }

    @Test("LOGIN waits for both prompts, whatever they say", arguments: ["VXNlcm5hbWU6", "", "User Name"])
    func login(prompt: String) throws {
        var exchange = try Self.exchange(.login)
        #expect(exchange.initialResponse() == nil)
        #expect(try exchange.respond(to: Array(prompt.utf8)).reveal() == "YW5uYUBjb250b3NvLmRl")
        #expect(try exchange.respond(to: Array("UGFzc3dvcmQ6".utf8)).reveal() == "czNjcmV0")
        #expect(throws: Failure.self) { try exchange.respond(to: []) }
    }

    @Test(
        "An error challenge is acknowledged in the mechanism's own way, and kept",
        arguments: [(SASLMechanism.xoauth2, ""), (.oauthBearer, "AQ==")])
    func errorChallenge(mechanism: SASLMechanism, acknowledgement: String) throws {
        var exchange = try Self.exchange(mechanism)
        _ = exchange.initialResponse()
        #expect(try exchange.respond(to: Array(Self.googleError.utf8)).reveal() == acknowledgement)
        #expect(exchange.serverError?.status == "401")
        #expect(exchange.serverError?.schemes == "bearer mac")
        #expect(exchange.serverError?.scope == "https://mail.google.com/")
        #expect(exchange.wasRefused)
        #expect(throws: Failure.self) { try exchange.respond(to: []) }
    }

    @Test(
        "A challenge that cannot be read is still acknowledged",
        arguments: ["", "!!!", "Zm9v", "{\"status\":\"invalid_token\"", "e30=", "W10="])
    func unreadableChallenge(challenge: String) throws {
        var exchange = try Self.exchange(.xoauth2)
        _ = exchange.initialResponse()
        #expect(try exchange.respond(to: Array(challenge.utf8)).isEmpty)
        #expect(exchange.wasRefused)
        #expect(exchange.serverError?.status == nil)
    }

    @Test("PLAIN has nothing to say to a second challenge")
    func plainChallengedAgain() throws {
        var exchange = try Self.exchange(.plain)
        _ = exchange.initialResponse()
        #expect(throws: Failure.self) { try exchange.respond(to: []) }
    }

    @Test("A challenge over the limit ends the exchange")
    func longChallenge() throws {
        var exchange = try Self.exchange(.xoauth2)
        _ = exchange.initialResponse()
        let challenge = [UInt8](repeating: UInt8(ascii: "A"), count: SASLLimits.challenge + 1)
        #expect(throws: Failure.self) { try exchange.respond(to: challenge) }
    }

    @Test(
        "What would change the meaning of the message is not sent",
        arguments: [
            (SASLMechanism.xoauth2, "a\u{1}auth=Bearer x", "t"), (.xoauth2, "", "t"), (.xoauth2, "a", ""),
            (.xoauth2, "a", "t\u{1}"), (.oauthBearer, "a", "t\r\nA1 LOGOUT"), (.oauthBearer, "a", "t t"),
            (.plain, "a\u{0}b", "p"), (.plain, "a", "p\u{0}"), (.login, "a\r\nb", "p"), (.login, "a", "p\n"),
        ])
    func injection(mechanism: SASLMechanism, user: String, secret: String) {
        #expect(throws: Failure.self) { try Self.exchange(mechanism, user: user, secret: secret) }
    }

    @Test("A token is never given to a password mechanism", arguments: [SASLMechanism.plain, .login])
    func wrongKind(mechanism: SASLMechanism) {
        #expect(throws: Failure.self) {
            try SASLExchange(
                mechanism: mechanism, credential: .bearer(user: "a", token: Secret("t")), host: "h", port: 1)
        }
    }
}

@Suite("Server's OAuth error")
struct SASLServerErrorTests {
    @Test(
        "Its members are read from any JSON object",
        arguments: [
            (#"{"status":"invalid_token"}"#, "invalid_token"),
            (#" { "status" : 401 , "x" : {"a":["}",{"b":null}]}, "y":[1,2], "z":true } "#, "401"),
            (#"{"x":"a\"\\\n\u0041\ud83d","status":"4\u00300"}"#, "400"),
        ])
    func readable(json: String, status: String) {
        #expect(SASLServerError(json: Array(json.utf8))?.status == status)
    }

    @Test(
        "What is not one JSON object is not an error",
        arguments: [
            "", "{", "[]", "null", #"{"a"}"#, #"{"a":}"#, #"{"a":"b"#, #"{"a":"b"} x"#, #"{"a":"\u12"}"#,
            #"{"a":"\"#, #"{"a":[}"#, String(repeating: "{\"a\":", count: 100_000),
            "{\"a\":" + String(repeating: "[", count: 100) + String(repeating: "]", count: 100) + "}",
        ])
    func unreadable(json: String) {
        #expect(SASLServerError(json: Array(json.utf8)) == nil)
    }

    @Test("No truncation of an error does harm")
    func truncations() {
        let json = Array(#"{"status":"401","x":{"a":["\u0041"]},"scope":"https://mail.google.com/"}"#.utf8)
        for length in 0..<json.count { #expect(SASLServerError(json: Array(json[..<length])) == nil) }
    }

    @Test("Long values are cut")
    func longValue() {
        let json = #"{"status":""# + String(repeating: "x", count: 5_000) + #""}"#
        #expect(SASLServerError(json: Array(json.utf8))?.status?.count == SASLLimits.errorValue)
    }
}

@Suite("Lines to the server")
struct ClientLineTests {
    @Test("A secret is on the wire and nowhere else")
    func secretLine() {
        let line = ClientLine(command: "AUTH XOAUTH2", secret: Secret("dG9rZW4="))
        #expect(line.withBytes { String(decoding: $0, as: UTF8.self) } == "AUTH XOAUTH2 dG9rZW4=\r\n")
        #expect(line.description == "AUTH XOAUTH2 <secret>")
        #expect(!String(reflecting: line).contains("dG9"))
        #expect(!"\(dumped(line))".contains("dG9"))
    }

    @Test("An empty secret is an empty line")
    func emptyLine() {
        #expect(ClientLine(secret: Secret("")).withBytes { $0 } == Array("\r\n".utf8))
    }

    @Test("A plain line is shown as it is")
    func plainLine() {
        #expect(ClientLine("pb1 NOOP").description == "pb1 NOOP")
    }

    private func dumped(_ line: ClientLine) -> String {
        var text = ""
        dump(line, to: &text)
        return text
    }
}
