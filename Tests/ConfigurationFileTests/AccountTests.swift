import ConfigurationFile
import MailModel
import Testing

@Suite("An account")
struct AccountTests {
    /// Lines of the account `s`, which begin on line 11 in column 5; its name is on line 10.
    static let cases: [(lines: String, errors: [String])] = [
        (
            "{}",
            [
                "10:3: `address` is missing: the mail address of the account",
                "10:3: `s` neither receives nor sends: write `receive: {}`, `send: {}` or both",
            ]
        ),
        (
            "address: a@b.de\nreceive:",
            [
                "12:5: `receive` has no value; write null to unset it (a # begins a comment, quote it)"
            ]
        ),
        ("address: a@b.de\nreceive: true", ["12:14: `receive` must be a map of keys, not a single value"]),
        (
            "address: a@b.de\nreceive: {}",
            [
                "10:3: `provider` is missing: whose servers are these? (for all accounts under `defaults`)"
            ]
        ),
        (
            "address: a@b.de\nprovider: contoso\nreceive: {}\npassword: x",
            [
                "14:5: `password` does not belong here: `contoso` signs in with OAuth"
            ]
        ),
        (
            "address: a@b.de\nprovider: contoso\nreceive: {}\nsend: {provider: own}",
            [
                "10:3: `password` is missing: `own` signs in with `grant: password`"
            ]
        ),
        (
            "address: a@b.de\nprovider: contosso\nreceive: {provider: ownn}",
            [
                "12:15: there is no provider `contosso`; did you mean `contoso`?",
                "13:25: there is no provider `ownn`; did you mean `own`?",
            ]
        ),
        (
            "address: a@b.de\nprovider: own\npassword: x\nreceive: {protocol: pop3}",
            ["7:3: `own` has no `pop3: {host: …}`, and an account uses it"]
        ),
        (
            "address: a@b.de\nprovider: contoso\nreceive: {protocol: pop4}",
            ["13:25: `protocol` must be imap or pop3, not `pop4`; did you mean `pop3`?"]
        ),
        (
            "address: a@b.de\nprovider: contoso\nreceive:\n  protocol: pop3\n  folders: [INBOX, sent]\n  exclude: [a]\n"
                + "  idle: true\n  after_fetch: seen\n  delete_after: {junk: 1d}",
            [
                "15:7: `folders` does not fit `protocol: pop3`, which has one folder, the inbox (null unsets a default)",
                "16:7: `exclude` does not fit `protocol: pop3`, which has one folder, the inbox (null unsets a default)",
                "17:7: `idle` does not fit `protocol: pop3`, which cannot wait for new mail (null unsets a default)",
                "18:7: `after_fetch` does not fit `protocol: pop3`, which can only keep or delete (null unsets a default)",
                "19:7: `delete_after` does not fit `protocol: pop3`, which has one folder, the inbox (null unsets a "
                    + "default)",
            ]
        ),
        (
            "address: a@b.de\nprovider: contoso\nreceive:\n  folders: INBOX\n  deliver_to: [inbx, maildir, maildir]\n"
                + "  since: yesterday\n  max_message_size: 50\n  daily_download: 2 GB\n  after_fetch: move\n"
                + "  after_fetch_grace: x\n  folders_overlap: twice\n  idle: on\n  poll_interval: 1.5m",
            [
                "14:16: `folders` must be a list, such as [a, b], not a single value",
                "15:20: there is no destination `inbx`",
                "15:35: `maildir` is listed twice in `deliver_to`",
                "16:14: `since` must be a date such as 2026-01-31 or a moment such as 2026-01-31T09:30:00Z, not `yesterday`",
                "17:25: `max_message_size` must be a size such as 500KB, 50MB or 2GB, not `50`",
                "18:23: `daily_download` must be a size such as 500KB, 50MB or 2GB, not `2 GB`",
                "19:20: `after_fetch` must be keep, seen, delete or {move: FOLDER}, not `move`; did you mean "
                    + "`{move: archive}`?",
                "20:26: `after_fetch_grace` \(TopLevelTests.duration), not `x`",
                "21:24: `folders_overlap` must be once or each, not `twice`",
                "22:13: `idle` must be true or false, not `on`; did you mean `true`?",
                "23:22: `poll_interval` \(TopLevelTests.duration), not `1.5m`",
            ]
        ),
        (
            "address: a@b.de\nprovider: contoso\nreceive:\n  folders: [inbox, Inbox, {nam: x}, {name: x, deliver_to: []}]\n"
                + "  exclude: [subscribed]\n  after_fetch: {move: \"*\", to: x}\n  delete_after: {inbx: 3d, sent: 30}\n"
                + "  deliver_to: maildir",
            [
                "14:24: this folder is listed twice in `folders`", "14:31: `name` is missing: which folder?",
                "14:32: unknown key `nam`; did you mean `name`?", "14:63: `deliver_to` must not be empty",
                "15:17: `subscribed` cannot be excluded", "16:20: `move` must be one folder, a role or a name",
                "16:32: unknown key `to`", "17:22: `inbx` is not the role of a folder; did you mean `inbox`?",
                "17:38: `sent` \(TopLevelTests.duration) (at least 60s), not `30`",
                "18:19: `deliver_to` must be a list, such as [a, b], not a single value",
            ]
        ),
        (
            "address: a@b.de\nprovider: contoso\nsend:\n  from: a@b.de\n  login: \"\"\n  save_sent: allways\n"
                + "  rate: {messages_per_minute: 0, recipients_per_day: \"5\", connections: 1e3, conections: 3}\n"
                + "  max_age: 5\n  parked_max: 1s\n  in_doubt: resolv\n  in_doubt_unresolved: resolve",
            [
                "14:13: `from` must be a list, such as [a, b], not a single value",
                "15:14: `login` must be the name to sign in with, not empty",
                "16:18: `save_sent` must be auto, always or never, not `allways`; did you mean `always`?",
                "17:35: `messages_per_minute` must be a number from 1 to 100000, not `0`",
                "17:58: `recipients_per_day` must be a number from 1 to 100000000, without quotes",
                "17:76: `connections` must be a number from 1 to 100, not `1e3`",
                "17:81: unknown key `conections`; did you mean `connections`?",
                "18:16: `max_age` \(TopLevelTests.duration) (at least 60s), not `5`",
                "19:19: `parked_max` \(TopLevelTests.duration) (at least 60s), not `1s`",
                "20:17: `in_doubt` must be resolve, hold or retry, not `resolv`; did you mean `resolve`?",
                "21:28: `in_doubt_unresolved` must be hold or retry, not `resolve`",
            ]
        ),
        (
            "address: a@b.de\nprovider: contoso\nsend: {from: [], enabled: 1}\nlog_level: all\nprevious: [x]\n"
                + "previously: [Info]\nlogin: [x]\nenabled: nein\nauthorised_as: x\nauthorized_as: {}",
            [
                "13:18: `from` must not be empty", "13:31: `enabled` must be true or false, not `1`",
                "14:16: `log_level` must be debug, info, warning or error, not `all`",
                "15:5: unknown key `previous`; did you mean `previously`?",
                "16:18: an entry of `previously` must be a former name of the account, not `Info`; did you mean `info`?",
                "17:12: `login` must be the name to sign in with, not a list",
                "18:14: `enabled` must be true or false, not `nein`",
                "19:5: unknown key `authorised_as`; did you mean `authorized_as`?",
                "20:20: `authorized_as` must be the name of who signed in, not a map of keys",
            ]
        ),
        (
            "address: a@b.de\nprovider: contoso\nreceive: {}\npreviously: [s]",
            [
                "10:3: `previously` names `s`, which is an account of today"
            ]
        ),
    ]

    @Test("is refused, with its place and what is right", arguments: cases)
    func refused(lines: String, errors: [String]) {
        let own = "  own:\n    {preset: generic, grant: password, imap: {host: a.de}, smtp: {host: a.de}}\n"
        let indented = lines.split(separator: "\n").map { "    \($0)\n" }.joined()
        let text = Fixture.contoso + "\n" + own + "accounts:\n  s:\n" + indented
        #expect(Fixture.errors(text) == errors.map { "p.yaml:" + $0 })
    }

    @Test(
        "has a name that can stand in paths and URLs",
        arguments: [
            ("Support", "; did you mean `support`?"), ("info box", "; did you mean `info-box`?"), ("-x", ""),
            ("", ""),
            ("ä", ""), ("../etc", ""), (String(repeating: "a", count: 65), ""),
        ])
    func names(name: String, suggestion: String) {
        let text = "accounts: {\"\(name)\": {address: a@b.de, receive: {provider: p}}}"
        let errors = Fixture.errors("providers: {p: {preset: outlook, client_id: x}}\n" + text)
        #expect(errors.count == 1)
        #expect(errors.first?.hasPrefix("p.yaml:2:12: ") == true)
        #expect(suggestion.isEmpty || errors.first?.hasSuffix(suggestion) == true, "\(errors)")
    }

    @Test(
        "signs in as its address, for itself, unless it says otherwise",
        arguments: [
            ("", ["support@contoso.de", "support@contoso.de", "support@contoso.de"]),
            ("login: s", ["s", "s", "s"]),
            ("authorized_as: anna@contoso.de", ["support@contoso.de", "anna@contoso.de", "support@contoso.de"]),
            (
                "authorized_as: [anna@contoso.de, a.b@contoso.de]",
                ["support@contoso.de", "anna@contoso.de", "support@contoso.de"]
            ),
            ("send: {login: bert}", ["support@contoso.de", "support@contoso.de", "bert"]),
        ])
    func signIn(line: String, names: [String]) throws {
        let text = """
            \(Fixture.contoso)
            defaults: {provider: contoso, receive: {}, send: {}}
            accounts:
              support:
                address: support@contoso.de
                \(line)
            """
        let account = try #require(try Fixture.settings(text).accounts[AccountName("support")!])
        let receive = try #require(account.receive?.signIn)
        let send = try #require(account.send)
        #expect([receive.login, receive.authorizedAs, send.signIn.login] == names)
        #expect(send.signIn.authorizedAs == receive.authorizedAs)
        #expect(receive.aliases == (line.contains("[") ? ["a.b@contoso.de"] : []))
        #expect(send.from == ["support@contoso.de"])
        // Receiving under another name would open somebody else's mailbox.
        #expect(receive.otherLogin == nil)
        let other = line.hasPrefix("authorized_as") ? "anna@contoso.de" : nil
        #expect(send.signIn.otherLogin == other)
    }

    @Test(
        "of a shared mailbox has a second name for sending only where none is written and a person signs in",
        arguments: [
            ("login: s", "{}", "", nil), ("enabled: true", "{login: bert}", "", nil),
            ("enabled: true", "{}", "grant: client_credentials", nil),
            ("enabled: true", "{}", "grant: authorization_code", "anna@contoso.de"),
        ] as [(String, String, String, String?)])
    func otherLogin(line: String, send: String, grant: String, other: String?) throws {
        let text = """
            \(Fixture.contoso)    client_secret: {file: /s}
                client_secret_expires: never
                \(grant)
            accounts:
              support: {address: support@contoso.de, provider: contoso, authorized_as: anna@contoso.de, \(line), send: \(send)}
            """
        let account = try #require(try Fixture.settings(text).accounts[AccountName("support")!])
        #expect(account.send?.signIn.otherLogin == other)
    }

    @Test("receives and sends through different providers, with one password where one wants it")
    func twoProviders() throws {
        let text =
            Fixture.contoso + """
                  relay: {preset: generic, grant: password, smtp: {host: relay.de}}
                accounts:
                  support:
                    address: support@contoso.de
                    provider: contoso
                    password: {file: /etc/postbote/relay}
                    receive: {}
                    send: {provider: relay}
                """
        let account = try #require(try Fixture.settings(text).accounts[AccountName("support")!])
        #expect(account.receive?.signIn.provider.text == "contoso")
        #expect(account.receive?.signIn.password == nil)
        #expect(account.send?.signIn.provider.text == "relay")
        #expect(account.send?.signIn.password == .file("/etc/postbote/relay"))
        #expect(account.send?.endpoint == Endpoint(host: "relay.de", port: 465, tls: .implicit))
    }

    @Test("needs no server for a direction that is switched off", arguments: ["send", "receive"])
    func switchedOff(direction: String) throws {
        let (service, other) = direction == "send" ? ("imap", "receive") : ("smtp", "send")
        let text = """
            providers: {own: {preset: generic, grant: password, \(service): {host: own.de}}}
            accounts:
              a: {address: a@own.de, provider: own, password: {file: /p}, \(other): {}, \(direction): {enabled: false}}

            """
        let account = try #require(try Fixture.settings(text).accounts[AccountName("a")!])
        #expect((account.send == nil) == (direction == "send"))
        #expect((account.receive == nil) == (direction == "receive"))
    }

    @Test("was another one before, but two were not the same one")
    func formerNames() {
        let text =
            Fixture.contoso + """
                defaults: {provider: contoso, receive: {}}
                accounts:
                  a: {address: a@b.de, previously: [x]}
                  b: {address: b@b.de, previously: [x]}
                """
        #expect(Fixture.errors(text) == ["p.yaml:9:3: `previously` names `x`, which `a` was, too"])
    }
}
