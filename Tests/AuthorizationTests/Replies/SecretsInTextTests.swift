import Diagnostics
import FoundationEssentials
import MailModel
import Testing

@testable import Authorization

/// Servers repeat what they were sent, and proxies print whole requests. None of it may reach an error text.
@Suite("Secrets in the words of a server")
struct SecretsInTextTests {
    static let refresh = "0.AXEAp9+secret/refresh=token~marked-R3FR35H"
    static let client = "Cl1~s3cr3t+of/the=app.marked-CL13NT"

    static var echoes: [String] {
        [refresh, client].flatMap { secret -> [String] in
            let escaped = String(decoding: FormBody.escape(Array(secret.utf8)), as: UTF8.self)
            let shifted = ["", "x", "xy"].map { Data("\($0)\(secret)".utf8).base64EncodedString() }
            return [
                secret, escaped, String(secret.dropFirst(7)), String(secret.prefix(20)), "Bearer \(secret)!",
                "refresh_token=\(escaped)&x=1",
            ] + shifted
        }
    }

    @Test("are withheld in every form", arguments: echoes)
    func withheld(_ echo: String) throws {
        for body in [
            "{\"error\":\"invalid_grant\",\"error_description\":\"no good: \(echo)\"}",
            "{\"error\":\"\(echo)\"}", "{\"error\":\"invalid_grant\",\"suberror\":\"\(echo)\"}",
            "{\"error\":\"interaction_required\",\"claims\":\"\(echo)\"}", "<html>\(echo)</html>", echo,
            "{\"access_token\":\"\(echo) \"}",
        ] {
            for status in [200, 400, 401, 500] {
                let failure = try #require(Self.failure(status, body))
                let text = "\(failure.failure) \(failure.failure.fields) \(failure.claims ?? "") \(failure)"
                let found = Self.pieces(of: echo).first { text.contains($0) }
                #expect(found == nil, "\(status) \(body)")
            }
        }
    }

    @Test("are withheld although they are as short as passwords are", arguments: ["hunt3r!", "a+b/c=d", "9chars-pw"])
    func short(_ secret: String) {
        let words = ServerText(without: [Secret(secret)])
        let login = ["\u{0}anna\u{0}", "\u{0}ann\u{0}", "\u{0}an\u{0}"].map {
            Data("\($0)\(secret)".utf8).base64EncodedString()
        }
        for echo in [secret, "LOGIN anna \"\(secret)\" refused"] + login.map({ "AUTHENTICATE PLAIN \($0)" }) {
            #expect(words.line("not with \(echo)") == "(withheld, because it repeats a secret)", "\(echo)")
        }
        #expect(words.line("not with that") == "not with that")
    }

    @Test("do not hide ordinary words")
    func ordinary() {
        let words = ServerText(without: [Secret(Self.refresh), Secret(Self.client)])
        #expect(
            words.line("AADSTS7000215: Invalid client secret provided.") != "(withheld, because it repeats a secret)")
    }

    @Test("of somebody else are cut by their looks, words and ids are not")
    func foreignTokens() {
        let words = ServerText(without: [])
        let jwt = "eyJhbGciOiJFUzI1NiIsImtpZCI6InNpZ25pbmcta2V5IiwidHlwIjoiSldUIn0"
        #expect(words.line("no: 1.R.\(jwt).\(jwt)!") == "no: 1.R.\u{2026}.\u{2026}!")
        let ordinary = "Application with identifier '5b1e1333-a5c4-4f08-bde5-9953cfc8b13e' was not found."
        #expect(words.line(ordinary) == ordinary)
    }

    private static func failure(_ status: Int, _ body: String) -> TokenFailure? {
        var form = FormBody()
        form.append("refresh_token", secret: Secret(refresh))
        form.append("client_secret", secret: Secret(client))
        let request = TokenRequest(kind: .refresh, url: "https://login.example/token", form: form)
        let reply = TokenReply(status: status, body: Array(body.utf8))
        guard
            case .failure(let failure) = reply.token(
                for: request, provider: ProviderName("contoso")!, now: .init(seconds: 0))
        else { return nil }
        return failure
    }

    private static func pieces(of text: String) -> [String] {
        let characters = Array(text)
        guard characters.count >= 14 else { return [text] }
        return (0...(characters.count - 14)).map { String(characters[$0..<($0 + 14)]) }
    }
}
