import ConfigurationFile
import Testing

@Suite("The whole file")
struct TopLevelTests {
    static let duration = "must be a duration such as 30s, 5m, 12h or 90d"
    static let url = "must be an https URL without user and fragment (http only on loopback)"
    static let listener = "must be an IP address and port such as 127.0.0.1:8025 or [::1]:8025"
    static let beyond = "a listener beyond this machine needs `tls: {certificate: PATH, key: PATH}`"
    static let origin = "must be an https URL of a host without a path (http only on loopback)"
    static let alone =
        "the console listens on this machine only, such as at 127.0.0.1:8025: a reverse proxy in front of it brings TLS "
        + "(docs/self-service.md)"
    static let network = "must be an IP address, or a network such as 10.0.0.0/8"
    static let linksLead = "`console: {listen: 127.0.0.1:8025, public_url: https://NAME}`, where their links lead"
    static let proxy = "`url` must be an http://, https:// or socks5:// URL of a host and port"

    static let cases: [(text: String, errors: [String])] = [
        ("poll_intervall: 5m", ["1:1: unknown key `poll_intervall`; did you mean `poll_interval`?"]),
        ("Poll-Interval: 5m", ["1:1: unknown key `Poll-Interval`; did you mean `poll_interval`?"]),
        ("mailboxes: {}", ["1:1: unknown key `mailboxes`"]),
        ("state_directory: var", ["1:18: `state_directory` must be an absolute path, not `var`"]),
        ("control_socket: x", ["1:17: `control_socket` must be an absolute path of at most 107 octets, not `x`"]),
        ("poll_interval: 0s", ["1:16: `poll_interval` \(duration), not `0s`"]),
        (
            "log_level: inof",
            ["1:12: `log_level` must be debug, info, warning or error, not `inof`; did you mean `info`?"]
        ),
        (
            "log_level: INFO",
            ["1:12: `log_level` must be debug, info, warning or error, not `INFO`; did you mean `info`?"]
        ),
        ("notify: admin", ["1:9: `notify` must be a mail address such as info@example.org, not `admin`"]),
        ("notify_via: nobody", ["1:13: there is no account `nobody`"]),
        (
            Fixture.contoso + Fixture.support.replacing("    send: {}\n", with: "") + "notify_via: support",
            ["11:13: the account `support` cannot send: it has no `send`"]
        ),
        (
            Fixture.contoso + Fixture.support + "notify_via: suport",
            ["12:13: there is no account `suport`; did you mean `support`?"]
        ),
        ("notify_owner: yes", ["1:15: `notify_owner` must be true or false, not `yes`; did you mean `true`?"]),
        ("notify_owner: Off", ["1:15: `notify_owner` must be true or false, not `Off`; did you mean `false`?"]),
        (
            "notify_owner: \"true\"",
            ["1:15: `notify_owner` must be true or false, without quotes; did you mean `true`?"]
        ),
        ("proxy: http://p:3128", ["1:8: `proxy` must be a map of keys, not a single value"]),
        ("proxy: {}", ["1:1: `url` is missing: write the proxy's, such as http://proxy.example.org:3128"]),
        ("proxy: {url: \"ftp://p\"}", ["1:14: " + proxy]),
        ("proxy: {url: \"http://u:hunter2@p:99999\"}", ["1:14: " + proxy]),
        ("proxy: {url: \"http://p/path\"}", ["1:14: " + proxy]),
        (
            "proxy: {url: \"http://p\", except: [a b]}",
            ["1:35: an entry of `except` must be a host name or IP address, not `a b`"]
        ),
        ("retention: {sent: forever}", ["1:19: `sent` \(duration), not `forever`"]),
        ("access: {send: mail}", ["1:16: `send` must be a list, such as [a, b], not a single value"]),
        (
            "access: {manage: [\"a b\"]}",
            ["1:19: an entry of `manage` must be a local user, or a group such as \"@mail\", not `a b`"]
        ),
        ("console: {}", ["1:1: `listen` is missing: an address such as 127.0.0.1:8025"]),
        ("console: {listen: 8025}", ["1:19: `listen` \(listener), not `8025`"]),
        ("console: {listen: \"post.de:8025\"}", ["1:19: `listen` \(listener), not `post.de:8025`"]),
        ("console: {listen: \"::1:8025\"}", ["1:19: `listen` \(listener), not `::1:8025`"]),
        ("console: {listen: \"0.0.0.0:8025\"}", ["1:19: " + alone]),
        ("console: {listen: \"[::]:8025\"}", ["1:19: " + alone]),
        ("console: {listen: \"localhost:8025\", public_url: \"http://post.de\"}", ["1:49: `public_url` " + origin]),
        (
            "console: {listen: \"localhost:8025\", public_url: \"https://post.de/a\"}",
            ["1:49: `public_url` " + origin]
        ),
        (
            "console: {listen: \"localhost:8025\", trusted_proxies: [localhost, 10.0.0.0/33]}",
            [
                "1:55: an entry of `trusted_proxies` \(network), not `localhost`; did you mean `127.0.0.1`?",
                "1:66: an entry of `trusted_proxies` \(network), not `10.0.0.0/33`",
            ]
        ),
        (
            "notify_owner: true",
            ["1:1: `notify_owner` needs `notify_via: ACCOUNT`, through which owners are told, and \(linksLead)"]
        ),
        ("api: {listen: \"192.168.0.1:8026\"}", ["1:15: " + beyond]),
        (
            "api: {listen: \"127.0.0.1:8026\", tokens: {crm: {scopes: [reed]}}}",
            [
                "1:42: `hash` is missing: the token's hash",
                "1:57: an entry of `scopes` must be read, send or manage, not `reed`; did you mean `read`?",
            ]
        ),
        (
            "api: {listen: \"127.0.0.1:8026\", tls: {certificate: a.pem}}",
            [
                "1:33: `key` is missing: the PEM file of the private key",
                "1:52: `certificate` must be an absolute path, not `a.pem`",
            ]
        ),
        ("submission: {listen: [\"127.0.0.1:2525\", \"10.0.0.1:2525\"]}", ["1:22: " + beyond]),
        (
            "submission: {listen: [\"127.0.0.1:2525\"], users: {erp: {accounts: [nobody]}}}",
            ["1:50: `password_hash` is missing: the password's hash", "1:67: there is no account `nobody`"]
        ),
    ]

    @Test("is refused, with its place and the nearest right spelling", arguments: cases)
    func refused(text: String, errors: [String]) {
        #expect(Fixture.errors(text) == errors.map { "p.yaml:" + $0 })
    }

    @Test("has all its errors named at once, from top to bottom")
    func allAtOnce() {
        let text = """
            log_level: loud
            providers:
              contoso: {preset: microsoft366, tenant: a.de, client_id: x}
            destinations:
              crm: {type: maildr, path: mail}
            defaults: {enabld: true}
            accounts:
              Support: {address: support, provider: contso, receive: {}}
              sales: {address: sales@a.de, provider: contoso, receive: {deliver_to: [cmr]}}
            """
        #expect(
            Fixture.errors(text) == [
                "p.yaml:1:12: `log_level` must be debug, info, warning or error, not `loud`",
                "p.yaml:3:21: `preset` must be microsoft365, outlook, gmail, hve or generic, not `microsoft366`; "
                    + "did you mean `microsoft365`?",
                "p.yaml:5:15: `type` must be maildir, webhook, lmtp or pipe, not `maildr`; did you mean `maildir`?",
                "p.yaml:5:29: `path` must be an absolute path with no placeholders but {account}, {address}, {folder}, "
                    + "not `mail`",
                "p.yaml:6:12: unknown key `enabld`; did you mean `enabled`?",
                "p.yaml:8:3: `Support` cannot name an account: letters a-z, digits, and . _ - after the first, at most 64; "
                    + "did you mean `support`?",
                "p.yaml:8:22: `address` must be a mail address such as info@example.org, not `support`",
                "p.yaml:8:41: there is no provider `contso`; did you mean `contoso`?",
                "p.yaml:9:74: there is no destination `cmr`; did you mean `crm`?",
            ])
    }

    @Test("never repeats a secret in an error")
    func noSecrets() {
        let text = """
            proxy: {url: "http://user:hunter2@proxy:port"}
            api: {listen: "127.0.0.1:1", tokens: {crm: {scopes: [read], hash: "hunter2 x"}}}
            submission: {listen: ["127.0.0.1:2"], users: {erp: {password_hash: "hunter2 x", accounts: [x]}}}
            providers:
              contoso:
                preset: microsoft365
                tenant: a.de
                client_id: x
                client_secrets: [hunter2, {value: [hunter2]}, {value: {credential: "hunter2 x"}}]
                token_url: https://hunter2@x.de/
                certificate: hunter2
                private_key: hunter2
            destinations:
              crm: {type: webhook, url: "http://hunter2.de/hunter2", secret: {env: "hunter2 x"}}
            accounts:
              support: {address: a@b.de, provider: contoso, receive: {}, password: {env: "hunter2-x"}}
            """
        let errors = Fixture.errors(text)
        #expect(errors.count >= 10)
        #expect(!errors.contains { $0.contains("hunter2") }, "\(errors)")
    }

    @Test("in directories of systemd's, unless it says others")
    func directories() throws {
        let environment = [
            "STATE_DIRECTORY": "/var/lib/pb:/var/lib/other", "RUNTIME_DIRECTORY": "/run/pb",
            "CREDENTIALS_DIRECTORY": "/run/credentials/pb",
        ]
        let directories = ConfigurationDirectories(environment: environment)
        #expect(directories == .init(state: "/var/lib/pb", runtime: "/run/pb", credentials: "/run/credentials/pb"))
        let document = ConfigurationDocument(name: "p.yaml", text: "log_level: info")
        let settings = try LoadedConfiguration(checking: [document], directories: directories).settings
        #expect(settings.stateDirectory == "/var/lib/pb")
        #expect(settings.controlSocket == "/run/pb/postbote.sock")
        #expect(settings.submitSocket == "/run/pb/submit.sock")
        let own = ConfigurationDocument(name: "p.yaml", text: "state_directory: /srv/pb\ncontrol_socket: /srv/s\n")
        let other = try LoadedConfiguration(checking: [own], directories: directories).settings
        #expect(other.stateDirectory == "/srv/pb")
        #expect(other.controlSocket == "/srv/s")
        #expect(ConfigurationDirectories(environment: ["STATE_DIRECTORY": "relative"]) == .init())
    }
}
