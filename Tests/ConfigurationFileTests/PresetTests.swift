import ConfigurationFile
import MailModel
import Testing

@Suite("A preset")
struct PresetTests {
    private func provider(_ lines: String) throws -> Provider {
        let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        return try #require(try Fixture.settings("providers:\n  p:\n" + indented).providers[ProviderName("p")!])
    }

    @Test("microsoft365 knows Entra's endpoints of the tenant, Exchange Online's servers and scopes")
    func microsoft365() throws {
        let provider = try provider("preset: microsoft365\ntenant: contoso.de\nclient_id: x")
        #expect(provider.grant == .authorizationCode)
        #expect(provider.authentication == .none)
        #expect(provider.issuer == "https://login.microsoftonline.com/{tenantid}/v2.0")
        #expect(provider.authorizeURL == "https://login.microsoftonline.com/contoso.de/oauth2/v2.0/authorize")
        #expect(provider.tokenURL == "https://login.microsoftonline.com/contoso.de/oauth2/v2.0/token")
        #expect(provider.deviceURL == "https://login.microsoftonline.com/contoso.de/oauth2/v2.0/devicecode")
        #expect(provider.imap == Endpoint(host: "outlook.office365.com", port: 993, tls: .implicit))
        #expect(provider.pop3 == Endpoint(host: "outlook.office365.com", port: 995, tls: .implicit))
        #expect(provider.smtp == Endpoint(host: "smtp.office365.com", port: 587, tls: .starttls))
        #expect(provider.filesSent)
        #expect(
            provider.scopes(for: [.imap, .smtp]) == [
                "https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send",
                "offline_access", "openid", "profile", "email",
            ]
        )
        #expect(
            provider.scopes(for: [.pop3]) == [
                "https://outlook.office.com/POP.AccessAsUser.All", "offline_access", "openid", "profile", "email",
            ]
        )
    }

    @Test("microsoft365 asks for one .default scope when the app signs in as itself")
    func appOnly() throws {
        let lines = """
            preset: microsoft365
            tenant: contoso.de
            client_id: x
            client_secret: {file: /s}
            client_secret_expires: 2027-01-01
            grant: client_credentials
            """
        let provider = try provider(lines)
        #expect(provider.scopes == ["https://outlook.office365.com/.default"])
        #expect(provider.scopes(for: [.smtp]) == ["https://outlook.office365.com/.default"])
    }

    @Test(
        "of a national cloud changes the authority and the app's scope, and nothing is guessed",
        arguments: [
            ("gcc_high", "login.microsoftonline.us", "https://outlook.office365.us/.default"),
            ("dod", "login.microsoftonline.us", "https://outlook-dod.office365.us/.default"),
            ("china", "login.partner.microsoftonline.cn", "https://partner.outlook.cn/.default"),
        ])
    func clouds(cloud: String, authority: String, scope: String) throws {
        let lines = """
            preset: microsoft365
            cloud: \(cloud)
            tenant: contoso.de
            client_id: x
            client_secret: {file: /s}
            client_secret_expires: 2027-01-01
            grant: client_credentials
            imap: {host: imap.example.org}
            smtp: {host: smtp.example.org}
            """
        let provider = try provider(lines)
        #expect(provider.tokenURL == "https://\(authority)/contoso.de/oauth2/v2.0/token")
        #expect(provider.scopes == [scope])
        #expect(provider.imap == Endpoint(host: "imap.example.org", port: 993, tls: .implicit))
        #expect(provider.smtp == Endpoint(host: "smtp.example.org", port: 587, tls: .starttls))
        #expect(provider.pop3 == nil)
    }

    @Test("of a national cloud names the hosts that an account needs and nobody wrote out")
    func missingHosts() {
        let text = """
            providers:
              p: {preset: microsoft365, cloud: dod, tenant: a.de, client_id: x, scopes: [a, offline_access]}
            accounts:
              a: {address: a@b.de, provider: p, receive: {protocol: pop3}, send: {}}
            """
        #expect(
            Fixture.errors(text)
                == ["pop3", "smtp"].map {
                    "p.yaml:2:3: `p` has no `\($0): {host: …}`, and an account uses it; Microsoft does not publish the hosts of "
                        + "dod"
                })
    }

    @Test("outlook is for personal accounts, unless a tenant is written")
    func outlook() throws {
        let token = try provider("preset: outlook\nclient_id: x").tokenURL
        #expect(token == "https://login.microsoftonline.com/consumers/oauth2/v2.0/token")
        let common = try provider("preset: outlook\nclient_id: x\ntenant: common").tokenURL
        #expect(common == "https://login.microsoftonline.com/common/oauth2/v2.0/token")
    }

    @Test("gmail has one scope for all, and no device flow")
    func gmail() throws {
        let provider = try provider("preset: gmail\nclient_id: x\nclient_secret: {file: /s}")
        #expect(provider.tokenURL == "https://oauth2.googleapis.com/token")
        #expect(provider.authorizeURL == "https://accounts.google.com/o/oauth2/v2/auth")
        #expect(provider.deviceURL == nil)
        #expect(provider.scopes(for: [.imap]) == ["https://mail.google.com/", "openid", "email"])
        #expect(provider.scopes(for: [.pop3, .smtp]) == ["https://mail.google.com/", "openid", "email"])
        #expect(provider.imap == Endpoint(host: "imap.gmail.com", port: 993, tls: .implicit))
        #expect(provider.pop3 == Endpoint(host: "pop.gmail.com", port: 995, tls: .implicit))
        #expect(provider.smtp == Endpoint(host: "smtp.gmail.com", port: 465, tls: .implicit))
    }

    @Test("gmail with a service account takes its key instead of a client")
    func serviceAccount() throws {
        let provider = try provider("preset: gmail\ngrant: service_account\nkey: {file: /k.json}")
        #expect(provider.serviceAccountKey == .file("/k.json"))
        #expect(provider.scopes(for: [.imap, .smtp]) == ["https://mail.google.com/"])
        #expect(provider.tokenURL == nil, "the key file names its own")
    }

    @Test("hve only sends")
    func hve() throws {
        let provider = try provider("preset: hve\ntenant: contoso.de\nclient_id: x")
        #expect(provider.smtp == Endpoint(host: "smtp.hve.mx.microsoft", port: 587, tls: .starttls))
        #expect(provider.imap == nil)
        #expect(provider.pop3 == nil)
    }

    @Test("hve does not fit an account that receives", arguments: ["receive: {}", "receive: {protocol: pop3}"])
    func hveReceives(receive: String) {
        let text = """
            providers:
              p: {preset: hve, tenant: contoso.de, client_id: x}
            accounts:
              a: {address: a@b.de, provider: p, \(receive), send: {}}
            """
        #expect(
            Fixture.errors(text) == [
                "p.yaml:4:37: `receive` does not fit provider `p`: hve only sends (null unsets a default)"
            ])
    }

    @Test("generic has nothing but what is written")
    func generic() throws {
        let provider = try provider("preset: generic\ngrant: password")
        #expect(provider.tokenURL == nil)
        #expect(provider.scopes == [])
        #expect(MailService.allCases.allSatisfy { provider.endpoint(of: $0) == nil })
        #expect(!provider.filesSent)
    }

    @Test(
        "is overridden part by part",
        arguments: [
            ("smtp: {port: 465}", Endpoint(host: "smtp.office365.com", port: 465, tls: .implicit)),
            ("smtp: {port: 25}", Endpoint(host: "smtp.office365.com", port: 25, tls: .starttls)),
            ("smtp: {port: 2525}", Endpoint(host: "smtp.office365.com", port: 2525, tls: .starttls)),
            ("smtp: {tls: implicit}", Endpoint(host: "smtp.office365.com", port: 465, tls: .implicit)),
            ("smtp: {host: relay.de}", Endpoint(host: "relay.de", port: 587, tls: .starttls)),
            ("smtp: {host: \"::1\", tls: none}", Endpoint(host: "::1", port: 587, tls: .none)),
            ("smtp: {host: localhost, port: 25, tls: none}", Endpoint(host: "localhost", port: 25, tls: .none)),
            ("smtp: null", Endpoint(host: "smtp.office365.com", port: 587, tls: .starttls)),
        ])
    func overridden(line: String, endpoint: Endpoint) throws {
        #expect(try provider("preset: microsoft365\ntenant: a.de\nclient_id: x\n" + line).smtp == endpoint)
    }

    @Test(
        "gives sending its rates, each of which an account can change",
        arguments: [
            (
                "microsoft365\n    tenant: a.de", "",
                SendSettings.Rate(messagesPerMinute: 30, recipientsPerDay: 10_000, connections: 3)
            ),
            (
                "microsoft365\n    tenant: a.de", "rate: {connections: 1}",
                .init(messagesPerMinute: 30, recipientsPerDay: 10_000, connections: 1)
            ),
            ("gmail", "", .init(recipientsPerDay: 10_000)),
            ("outlook", "rate: {messages_per_minute: 5}", .init(messagesPerMinute: 5, recipientsPerDay: 5_000)),
        ])
    func rates(preset: String, send: String, rate: SendSettings.Rate) throws {
        let text = """
            providers:
              p:
                preset: \(preset)
                client_id: x
            accounts:
              a: {address: a@b.de, provider: p, send: {\(send)}}
            """
        #expect(try Fixture.settings(text).accounts[AccountName("a")!]?.send?.rate == rate)
    }
}
