import Diagnostics
import MailModel
import Testing

@testable import Authorization

@Suite("Token requests")
struct TokenRequestTests {
    private let provider = Settings.oneAccount().providers[ProviderName("contoso")!]!

    private func body(_ request: TokenRequest) -> String { request.form.encoded().reveal() }

    @Test("a refresh names the refresh token, the client and the scopes")
    func refresh() throws {
        let request = try TokenRequest.refresh(Secret("r+/="), provider, .none, scopes: ["https://a/b", "openid"])
        #expect(request.url == "https://login.example/contoso/token")
        #expect(
            body(request) == "grant_type=refresh_token&refresh_token=r%2B%2F%3D&client_id=client-of-contoso"
                + "&scope=https%3A%2F%2Fa%2Fb+openid")
    }

    @Test("a client secret is URL-encoded, and a public client sends none")
    func clientSecret() throws {
        let secret = "a~b.c-d_e+f/g=h&i%j k\u{e4}"
        let request = try TokenRequest.refresh(Secret("r"), provider, .secret(Secret(secret)), scopes: [])
        #expect(body(request).hasSuffix("&client_secret=a~b.c-d_e%2Bf%2Fg%3Dh%26i%25j+k%C3%A4"))
        #expect(try !body(TokenRequest.refresh(Secret("r"), provider, .none, scopes: [])).contains("client_secret"))
    }

    @Test("an app asks for its one .default scope, and needs a secret")
    func application() throws {
        var app = provider
        app.scopes = ["https://outlook.office365.com/.default"]
        let request = try TokenRequest.application(app, .secret(Secret("s")))
        #expect(
            body(request) == "grant_type=client_credentials&client_id=client-of-contoso&client_secret=s"
                + "&scope=https%3A%2F%2Foutlook.office365.com%2F.default")
        #expect(throws: Failure.self) { try TokenRequest.application(app, .none) }
    }

    @Test("a device sign-in asks for a code, in the person's language, and polls with it")
    func device() throws {
        let start = try TokenRequest.deviceCode(provider, .none, scopes: ["a"], language: "de-DE")
        #expect(start.url == "https://login.example/contoso/devicecode?mkt=de-DE")
        #expect(body(start) == "client_id=client-of-contoso&scope=a")
        #expect(
            try TokenRequest.deviceCode(provider, .none, scopes: [], language: "x&y=z").url.hasSuffix("devicecode"))
        let poll = try TokenRequest.devicePoll(Secret("code"), provider, .none)
        #expect(
            body(poll) == "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=code"
                + "&client_id=client-of-contoso")
    }

    @Test("what the configuration lacks is named")
    func missing() {
        var bare = Provider(name: ProviderName("bare")!, preset: .generic)
        #expect(
            reason { try TokenRequest.refresh(Secret("r"), bare, .none, scopes: []) }?.contains("client_id") == true)
        bare.clientID = "c"
        #expect(
            reason { try TokenRequest.refresh(Secret("r"), bare, .none, scopes: []) }?.contains("token_url") == true)
        #expect(reason { try TokenRequest.deviceCode(bare, .none, scopes: []) }?.contains("device_url") == true)
        var google = Provider(name: ProviderName("google")!, preset: .gmail)
        google.clientID = "c"
        #expect(reason { try TokenRequest.deviceCode(google, .none, scopes: []) }?.contains("Google") == true)
    }

    private func reason(_ make: () throws -> TokenRequest) -> String? {
        do {
            _ = try make()
            return nil
        } catch { return (error as? Failure)?.reason }
    }
}

@Suite("Scopes")
struct TokenScopesTests {
    static let imap = "https://outlook.office.com/IMAP.AccessAsUser.All"
    static let smtp = "https://outlook.office.com/SMTP.Send"
    static let graph = "https://graph.microsoft.com/Mail.Send"

    @Test("a refresh names one resource only, the mail servers' one")
    func oneResource() {
        let scopes = TokenScopes.refresh(
            consent: [Self.imap, Self.graph, Self.smtp, "offline_access", "openid"], granted: [], isMicrosoft: true)
        #expect(scopes == [Self.imap, Self.smtp, "offline_access", "openid"])
    }

    @Test(
        "what was not granted is told by the names of the mail servers' resource, whichever of its hosts the provider says",
        arguments: [
            ([], []), ([imap, smtp, "openid"], []), ([imap], [smtp]), (["openid"], [imap, smtp]),
            (["https://outlook.office365.com/imap.accessasuser.all", smtp], []),
        ] as [([String], [String])])
    func missing(granted: [String], missing: [String]) {
        let wanted = [Self.imap, Self.graph, Self.smtp, "offline_access", "openid"]
        #expect(TokenScopes.missing(of: wanted, granted: granted) == missing)
    }

    @Test("of an app's own permissions, and of a scope without a path, nothing is missed that is there")
    func missingOther() {
        #expect(TokenScopes.missing(of: ["https://outlook.office365.com/.default"], granted: ["x"]).isEmpty)
        #expect(TokenScopes.missing(of: ["https://mail.google.com/"], granted: ["https://mail.google.com/"]).isEmpty)
        #expect(
            TokenScopes.missing(of: ["https://mail.google.com/"], granted: ["email"]) == ["https://mail.google.com/"])
    }

    @Test("a refresh asks for no more than was granted")
    func granted() {
        let scopes = TokenScopes.refresh(
            consent: [Self.imap, Self.smtp, "openid"], granted: [Self.imap, Self.graph, "openid"], isMicrosoft: true)
        #expect(scopes == [Self.imap, "openid"])
    }

    @Test(
        "scopes of OpenID Connect are repeated for Microsoft only, and nothing is asked where nothing is configured")
    func others() {
        let google = ["https://mail.google.com/", "openid", "email"]
        #expect(
            TokenScopes.refresh(consent: google, granted: [], isMicrosoft: false) == ["https://mail.google.com/"])
        #expect(TokenScopes.refresh(consent: [], granted: ["mail"], isMicrosoft: false) == ["mail"])
        #expect(TokenScopes.refresh(consent: [], granted: [], isMicrosoft: false) == [])
        #expect(TokenScopes.refresh(consent: ["openid"], granted: [], isMicrosoft: true) == [])
    }
}
