import ConfigurationFile
import Diagnostics
import MailModel
import Testing

@Suite("Every key of the schema")
struct WholeSchemaTests {
    private let settings: Settings
    init() throws { settings = try Fixture.settings(WholeSchema.text) }

    @Test("is accepted where it is right, and has its effect")
    func top() throws {
        #expect(settings.stateDirectory == "/srv/postbote")
        #expect(settings.controlSocket == "/run/pb/control.sock")
        #expect(settings.submitSocket == "/run/pb/submit.sock")
        #expect(settings.logLevel == .debug)
        #expect(settings.notify == "admin@contoso.de")
        #expect(settings.notifyVia?.text == "support")
        #expect(settings.notifyOwner)
        let proxy = try #require(settings.proxy)
        #expect(proxy.url == "http://proxy:3128")
        #expect(proxy.user == "user")
        #expect(proxy.password == .literal(.init(Secret("p@ss"))))
        #expect(proxy.except == ["localhost", "::1"])
        #expect(settings.retention.sent == .seconds(8 * 86400))
        #expect(settings.retention.failed == .seconds(31 * 86400))
        #expect(settings.retention.history == .seconds(401 * 86400))
        #expect(settings.access.send == ["www-data", "@mail"])
        #expect(settings.access.token == ["crm"])
        #expect(settings.access.manage == ["root"])
    }

    @Test("of the listeners has its effect")
    func listeners() throws {
        let console = try #require(settings.console)
        #expect(console.listen == "127.0.0.1:8025")
        #expect(console.publicURL == "https://post.contoso.de")
        #expect(console.trustedProxies == [IPNetwork("127.0.0.1"), IPNetwork("10.0.0.0/8")])
        let api = try #require(settings.api)
        #expect(api.listen == "0.0.0.0:8026")
        #expect(api.tls?.certificate == "/etc/postbote/api.pem")
        #expect(api.tokens["crm"] == .init(scopes: [.read, .send], hash: "sha256-abc"))
        let submission = try #require(settings.submission)
        #expect(submission.listen == ["127.0.0.1:2525", "[::1]:2525"])
        #expect(submission.users["erp"]?.accounts.map(\.text) == ["support"])
        #expect(submission.tls?.certificate == "/etc/postbote/submission.pem")
    }

    @Test("of a provider has its effect")
    func providers() throws {
        let contoso = try #require(settings.providers[ProviderName("contoso")!])
        #expect(contoso.tenant == "contoso.onmicrosoft.com")
        #expect(contoso.clientID == "5b1e1333-a5c4-4f08-bde5-9953cfc8b13e")
        #expect(
            contoso.authentication
                == .secrets([
                    .init(value: .credential("contoso-secret"), expires: Timestamp(seconds: 1_816_214_400)),
                    .init(value: .file("/etc/postbote/new-secret"), expires: nil),
                ])
        )
        #expect(contoso.issuer == "https://login.example.org/x")
        #expect(contoso.authorizeURL == "https://login.example.org/a")
        #expect(contoso.tokenURL == "https://login.example.org/t")
        #expect(contoso.deviceURL == "https://login.example.org/d")
        #expect(contoso.redirectURI == "http://localhost")
        #expect(contoso.revokeURL == "https://login.example.org/r")
        #expect(contoso.scopes(for: [.imap]) == ["a", "offline_access"])
        #expect(contoso.imap == Endpoint(host: "imap.example.org", port: 1993, tls: .implicit))
        #expect(contoso.pop3 == Endpoint(host: "pop.example.org", port: 1110, tls: .starttls))
        #expect(contoso.smtp == Endpoint(host: "127.0.0.1", port: 2525, tls: .none))
        #expect(
            contoso.trust
                == TrustSettings(
                    caFile: "/etc/ssl/own.pem", verifyCertificate: true, certificateName: "mail.example.org"
                )
        )
        #expect(!contoso.filesSent)
        #expect(contoso.heloName == "post.contoso.de")
    }

    @Test("that proves a client has its effect")
    func clients() throws {
        func provider(_ name: String) throws -> Provider { try #require(settings.providers[ProviderName(name)!]) }
        #expect(
            try provider("app").authentication
                == .certificates([
                    .init(certificate: .file("/etc/postbote/app.pem"), privateKey: .file("/etc/postbote/app.key"))
                ])
        )
        #expect(
            try provider("renewing").authentication
                == .certificates([
                    .init(certificate: .file("/etc/postbote/old.pem"), privateKey: .file("/etc/postbote/old.key")),
                    .init(certificate: .file("/etc/postbote/new.pem"), privateKey: .file("/etc/postbote/new.key")),
                ])
        )
        #expect(try provider("app").grant == .clientCredentials)
        #expect(try provider("workspace").serviceAccountKey == .file("/etc/postbote/google.json"))
        #expect(try provider("own").grant == .password)
        #expect(try provider("single").authentication == .secrets([.init(value: .environment("SECRET"))]))
    }

    @Test("of a destination has its effect")
    func destinations() throws {
        func kind(_ name: String) throws -> Destination.Kind {
            try #require(settings.destinations[DestinationName(name)!]).kind
        }
        #expect(try kind("inbox") == .maildir(.init(path: "/srv/mail/{account}", group: "crm", mode: 0o660)))
        #expect(
            try kind("hook")
                == .webhook(
                    url: "https://crm.contoso.de/mail", secret: .file("/etc/postbote/crm"),
                    headers: ["X-Token": .file("/etc/postbote/crm-token")]
                )
        )
        #expect(try kind("local") == .lmtp(address: "unix:/run/dovecot/lmtp", recipient: "{address}"))
        #expect(
            try kind("script")
                == .pipe(command: ["/usr/bin/import", "{account}", "{folder}"], timeout: .seconds(90))
        )
        #expect(try kind("maildir") == .maildir(.init(path: "/srv/postbote/mail/{account}")))
    }

    @Test("of an account has its effect")
    func account() throws {
        let support = try #require(settings.accounts[AccountName("support")!])
        #expect(support.address == "support@contoso.de")
        #expect(support.previously.map(\.text) == ["info"])
        #expect(support.enabled)
        #expect(support.logLevel == .warning)
        let erp = try #require(settings.accounts[AccountName("erp")!])
        #expect(erp.send == nil)
        #expect(erp.receive?.signIn.password == .command(["/usr/bin/pass", "erp"]))
        #expect(erp.receive?.pollInterval == .seconds(600))
        #expect(erp.receive?.deliverTo == [Settings.builtInDestination])
    }

    @Test("of receiving has its effect")
    func receive() throws {
        let receive = try #require(settings.accounts[AccountName("support")!]?.receive)
        #expect(receive.enabled)
        #expect(receive.signIn.provider.text == "contoso")
        #expect(receive.signIn.login == "Support@contoso.de")
        #expect(receive.signIn.authorizedAs == "anna@contoso.de")
        #expect(receive.endpoint.host == "imap.example.org")
        let script = DestinationName("script")!
        #expect(
            receive.folders == [
                .init(selector: .role(.inbox)),
                .init(selector: .role(.junk), deliverTo: [script], afterFetch: .seen),
                .init(selector: .pattern("Kunden/*")), .init(selector: .name("Archiv")), .init(selector: .subscribed),
            ]
        )
        #expect(receive.exclude == [.role(.trash), .pattern("Alt/*")])
        #expect(receive.foldersOverlap == .each)
        #expect(!receive.idle)
        #expect(receive.pollInterval == .seconds(120))
        #expect(receive.since?.description == "2026-01-01T00:00:00Z")
        #expect(receive.maxMessageSize == 50 << 20)
        #expect(receive.dailyDownload == 2 << 30)
        #expect(receive.afterFetch == .moveToRole(.archive))
        #expect(receive.afterFetchGrace == .seconds(1200))
        #expect(receive.deleteAfter == [.inbox: .seconds(30 * 86400), .junk: .seconds(14 * 86400)])
        #expect(receive.deliverTo.map(\.text) == ["inbox", "hook"])
    }

    @Test("of sending has its effect")
    func send() throws {
        let send = try #require(settings.accounts[AccountName("support")!]?.send)
        #expect(send.enabled)
        #expect(send.signIn.provider.text == "single")
        #expect(send.signIn.login == "anna@contoso.de")
        #expect(send.endpoint == Endpoint(host: "smtp.example.org", port: 587, tls: .starttls))
        #expect(send.from == ["Support@contoso.de"])
        #expect(send.saveSent == .never)
        #expect(send.rate == .init(messagesPerMinute: 31, recipientsPerDay: 10001, connections: 4))
        #expect(send.maxAge == .seconds(6 * 86400))
        #expect(send.parkedMax == .seconds(8 * 86400))
        #expect(send.inDoubt == .retry)
        #expect(send.inDoubtUnresolved == .retry)
    }

    // MARK: Every key wrong

    private static let lines = WholeSchema.text.split(separator: "\n", omittingEmptySubsequences: false).map(
        String.init)

    /// The lines that begin with a key of the schema.
    private static let keyLines = lines.indices.filter { index in key(on: index).map { !$0.isEmpty } ?? false }

    private static func key(on index: Int) -> String? {
        let line = lines[index].drop { " -".contains($0) }
        guard let colon = line.firstIndex(of: ":") else { return nil }
        let key = String(line[..<colon])
        return WholeSchema.names.contains(key) && !["sent"].contains(key) ? nil : key
    }

    private static func indent(_ line: String) -> Int { line.prefix { " -".contains($0) }.count }

    /// The text with one line replaced, and what stood below it removed.
    private static func text(replacing index: Int, with line: String) -> String {
        let below = lines[(index + 1)...].prefix { indent($0) > indent(lines[index]) || $0.isEmpty }
        return (lines[..<index] + [line] + lines[(index + 1 + below.count)...]).joined(separator: "\n")
    }

    @Test("is refused with a value of the wrong type, at that value", arguments: keyLines)
    func wrongType(index: Int) throws {
        let line = Self.lines[index]
        let key = try #require(Self.key(on: index))
        let prefix = String(repeating: " ", count: Self.indent(line)) + key + ": "
        let start = line.contains("- ") ? line.prefix(while: { $0 != "-" }) + "- " + key + ": " : prefix[...]
        let errors = Fixture.errors(Self.text(replacing: index, with: start + "[[]]"))
        let place = "p.yaml:\(index + 1):"
        let column = start.count + 1
        #expect(
            errors.contains { $0.hasPrefix(place + "\(column):") || $0.hasPrefix(place + "\(column + 1):") },
            "\(key): \(errors)"
        )
    }

    @Test("is suggested where it is misspelt", arguments: keyLines)
    func misspelt(index: Int) throws {
        let line = Self.lines[index]
        let key = try #require(Self.key(on: index))
        guard key != "move", key != "sent" else { return }
        let colon = try #require(line.firstIndex(of: ":"))
        let changed = line[..<colon] + "x" + line[colon...]
        let text = (Self.lines[..<index] + [String(changed)] + Self.lines[(index + 1)...]).joined(separator: "\n")
        let wanted = "p.yaml:\(index + 1):\(Self.indent(line) + 1): unknown key `\(key)x`; did you mean `\(key)`?"
        #expect(Fixture.errors(text).contains(wanted), "\(Fixture.errors(text))")
    }
}
