import Diagnostics
import Testing

@testable import Authorization

@Suite("A granted token")
struct TokenResponseTests {
    private func parse(_ text: String) -> TokenResponse? {
        JSONValue.parse(Array(text.utf8)).flatMap(TokenResponse.init)
    }

    @Test(
        "lives as long as expires_in says, an hour when it says nothing",
        arguments: [
            (",\"expires_in\":3599", 3599), (",\"expires_in\":\"4321\"", 4321), (",\"expires_in\":60.9", 60),
            ("", 3600),
            (",\"expires_in\":null", 3600), (",\"expires_in\":\"soon\"", 3600), (",\"expires_in\":0", 3600),
            (",\"expires_in\":-5", 3600), (",\"expires_in\":1e300", 3600), (",\"expires_in\":99999999999", 2_592_000),
            (",\"expires_in\":[]", 3600), (",\"expires_in\":true", 3600),
        ])
    func lifetime(_ member: String, _ seconds: Int64) {
        #expect(parse("{\"access_token\":\"a.b\"\(member)}")?.lifetime == .seconds(seconds))
    }

    @Test("brings the rotated refresh token, the wish when to refresh, scopes and how long the consent lives")
    func everything() {
        let response = parse(
            """
            {"token_type":"bearer","scope":"https://outlook.office.com/IMAP.AccessAsUser.All openid","expires_in":"3600",
             "ext_expires_in":3600,"refresh_in":1800,"access_token":"eyJ0","refresh_token":"0.AX","foci":"1",
             "refresh_token_expires_in":604799}
            """)
        #expect(response?.accessToken == Secret("eyJ0"))
        #expect(response?.refreshToken == Secret("0.AX"))
        #expect(response?.refreshIn == .seconds(1800))
        #expect(response?.refreshTokenLifetime == .seconds(604_799))
        #expect(response?.scopes == ["https://outlook.office.com/IMAP.AccessAsUser.All", "openid"])
        #expect(response?.identity == nil)
    }

    @Test(
        "is none when it cannot be used at a mail server",
        arguments: [
            "{}", "[]", "\"token\"", "{\"access_token\":\"\"}", "{\"access_token\":7}", "{\"access_token\":null}",
            "{\"access_token\":\"a b\"}", "{\"access_token\":\"a\\u0001auth=x\"}",
            "{\"access_token\":\"a\\r\\nQUIT\"}",
            "{\"access_token\":\"ä\"}", "{\"access_token\":\"a\",\"token_type\":\"mac\"}",
        ])
    func unusable(_ text: String) {
        #expect(parse(text) == nil)
    }

    @Test("is none above the limits")
    func tooLarge() {
        let long = String(repeating: "a", count: Limits.accessToken)
        #expect(parse("{\"access_token\":\"\(long)\"}") != nil)
        #expect(parse("{\"access_token\":\"\(long)a\"}") == nil)
        let padding = String(repeating: " ", count: Limits.replyBody)
        #expect(JSONValue.parse(Array("{\"access_token\":\"a\"}\(padding)".utf8)) == nil)
    }

    @Test("survives every truncation and nesting without end")
    func broken() {
        let text = Array("{\"access_token\":\"abc\",\"expires_in\":\"3600\",\"x\":[{\"y\":\"\\u00e4\"}]}".utf8)
        for count in 0..<text.count { #expect(JSONValue.parse(Array(text.prefix(count))) == nil) }
        #expect(JSONValue.parse(Array(String(repeating: "[", count: 100_000).utf8)) == nil)
        #expect(JSONValue.parse([0xFF, 0xFE]) == nil)
    }
}
