import Diagnostics
import MailProtocol
import Testing

@Suite("Choosing a SASL mechanism")
struct SASLMechanismTests {
    struct Choice: Sendable, CustomTestStringConvertible {
        var offered: String
        var kind: SASLCredential.Kind
        var chosen: [SASLMechanism]

        var testDescription: String { "\(kind) from \(offered)" }
    }

    @Test(
        "The best mechanism for the credential comes first",
        arguments: [
            Choice(
                offered: "XOAUTH2 PLAIN PLAIN-CLIENTTOKEN OAUTHBEARER XOAUTH", kind: .bearer,
                chosen: [.oauthBearer, .xoauth2]),
            Choice(offered: "PLAIN XOAUTH2", kind: .bearer, chosen: [.xoauth2]),
            Choice(offered: "LOGIN PLAIN XOAUTH2", kind: .password, chosen: [.plain, .login]),
            Choice(offered: "login", kind: .password, chosen: [.login]),
            Choice(offered: "xoauth2", kind: .bearer, chosen: [.xoauth2]),
        ])
    func preference(choice: Choice) throws {
        let offered = choice.offered.split(separator: " ").map(String.init)
        #expect(try SASLMechanism.choose(from: offered, for: choice.kind, isProtected: true) == choice.chosen)
    }

    @Test(
        "Without a fitting mechanism nothing is sent, least of all a token as a password",
        arguments: [
            ("PLAIN LOGIN", SASLCredential.Kind.bearer), ("XOAUTH2", .password), ("", .bearer), ("GSSAPI", .password),
        ])
    func nothingFits(offered: String, kind: SASLCredential.Kind) throws {
        let failure = try #require(throws: Failure.self) {
            try SASLMechanism.choose(
                from: offered.split(separator: " ").map(String.init), for: kind, isProtected: true)
        }
        #expect(failure.scope == .direction)
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
    }

    @Test("In clear nothing is chosen at all", arguments: SASLCredential.Kind.allCases)
    func unprotected(kind: SASLCredential.Kind) {
        #expect(throws: Failure.self) {
            try SASLMechanism.choose(
                from: ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"], for: kind, isProtected: false)
        }
    }
}
