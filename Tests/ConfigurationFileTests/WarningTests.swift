import ConfigurationFile
import MailModel
import Testing

@Suite("A warning")
struct WarningTests {
    static let cases: [(text: String, warnings: [String])] = [
        ("log_level: info", ["p.yaml: warning: there are no accounts"]),
        (Fixture.contoso + Fixture.support, []),
        (
            Fixture.contoso + "    client_secret: {file: /s}\n" + Fixture.support,
            [
                "p.yaml:6:5: warning: nobody can be told before this secret expires: write `client_secret_expires`, the "
                    + "date, or never"
            ]
        ),
        (
            Fixture.contoso + "    client_secrets: [{value: {file: /s}}]\n" + Fixture.support,
            [
                "p.yaml:6:22: warning: nobody can be told before this secret expires: write `expires`, the date, or never"
            ]
        ),
        (Fixture.contoso + "    client_secret: {file: /s}\n    client_secret_expires: never\n" + Fixture.support, []),
        (
            Fixture.contoso + "    verify_certificate: false\n    certificate_name: mail.de\n" + Fixture.support,
            [
                "p.yaml:6:5: warning: certificates are not verified: anybody on the way can read passwords, tokens and "
                    + "mail; `ca_file` adds a certificate that you trust",
                "p.yaml:7:5: warning: every server of this provider may show a certificate for `mail.de`",
            ]
        ),
        (
            Fixture.contoso + "    scopes: [\"https://outlook.office.com/IMAP.AccessAsUser.All\"]\n"
                + Fixture.support,
            ["p.yaml:6:5: warning: without the scope offline_access there is no refresh token"]
        ),
        (
            Fixture.contoso + "  mail: {preset: gmail, client_id: x}\n" + Fixture.support,
            ["p.yaml:6:3: warning: Google gives desktop clients a secret, too, and its token endpoint wants it"]
        ),
        (
            Fixture.contoso + "  old: {preset: microsoft365, grant: password}\n" + Fixture.support,
            [
                "p.yaml:6:31: warning: microsoft365 takes no passwords for IMAP and POP3 any more, and soon none for SMTP"
            ]
        ),
        (
            Fixture.contoso + Fixture.support + "destinations: {x: {type: maildir, path: /m, mode: 0666}}",
            ["p.yaml:12:45: warning: everybody on this machine can change this mail"]
        ),
        (
            Fixture.contoso + Fixture.support + "notify: a@b.de",
            [
                "p.yaml:12:1: warning: nobody is told as long as `notify_via` names no account"
            ]
        ),
    ]

    @Test("is given for what works but should be known", arguments: cases)
    func warned(text: String, warnings: [String]) throws {
        #expect(try Fixture.warnings(text) == warnings)
    }

    @Test("names every key that is accepted but not active yet, and no other")
    func inactive() throws {
        let warnings = try Fixture.load(WholeSchema.text).warnings.filter { $0.kind == .inactive }
        #expect(
            warnings.map { $0.message.split(separator: " is not")[0] } == [
                "`api`", "`submission`",
                "`type: webhook`", "`type: lmtp`",
                "`type: pipe`",
                "`daily_download`",
                "`in_doubt: retry`", "`in_doubt_unresolved: retry`",
            ])
    }

    @Test("is not given for a key with the value it has anyway")
    func activeValues() throws {
        let text =
            Fixture.contoso
            + Fixture.support
            .replacing("receive: {}", with: "receive: {idle: false, after_fetch: keep}")
            .replacing("send: {}", with: "send: {in_doubt: hold, in_doubt_unresolved: hold, save_sent: never}")
        #expect(try Fixture.warnings(text + "notify_owner: false") == [])
    }

    @Test(
        "names what is not active yet where an account needs it",
        arguments: [
            ("{}", "microsoft365", 0), ("{folders: [inbox, sent]}", "microsoft365", 0),
            ("{delete_after: {inbox: 30d, sent: 30d}}", "microsoft365", 0),
            ("{}", "microsoft365\n    files_sent: false", 1),
        ])
    func inactiveInAccount(receive: String, preset: String, saves: Int) throws {
        let text =
            Fixture.contoso.replacing("microsoft365", with: preset)
            + Fixture.support.replacing("receive: {}", with: "receive: \(receive)")
        let warnings = try Fixture.load(text).warnings.filter { $0.kind == .inactive }.map(\.message)
        #expect(warnings.count { $0.hasPrefix("`save_sent: auto`") } == saves)
        #expect(warnings.count == saves)
    }

    @Test("is given for a secret written into a file that everybody can read, not for one that is referred to")
    func readable() throws {
        let literal = Fixture.contoso + "    client_secret: s\n    client_secret_expires: never\n" + Fixture.support
        let file = literal.replacing("secret: s", with: "secret: {file: /s}")
        func warnings(_ text: String, _ isWorldReadable: Bool) throws -> [String] {
            let document = ConfigurationDocument(
                name: "p.yaml", bytes: Array(text.utf8), isWorldReadable: isWorldReadable
            )
            return try LoadedConfiguration(checking: [document]).warnings.map(\.description)
        }
        #expect(
            try warnings(literal, true) == [
                "p.yaml:6:20: warning: everybody on this machine can read this secret: chmod 640 p.yaml"
            ])
        #expect(try warnings(literal, false) == [])
        #expect(try warnings(file, true) == [])
    }
}
