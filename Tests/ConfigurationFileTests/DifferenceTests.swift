import ConfigurationFile
import MailModel
import Testing

@Suite("What a reload changes")
struct DifferenceTests {
    private static let text = """
        \(Fixture.contoso)
          other: {preset: outlook, client_id: x}
        destinations: {crm: {type: maildir, path: /crm}}
        defaults: {provider: contoso, receive: {}, send: {}}
        accounts:
          a: {address: a@b.de}
          b: {address: b@b.de, provider: other, receive: {deliver_to: [crm]}, send: null}

        """

    private func difference(_ changes: (String, String)...) throws -> SettingsDifference {
        let text = changes.reduce(Self.text) { $0.replacing($1.0, with: $1.1) }
        return SettingsDifference(from: try Fixture.settings(Self.text), to: try Fixture.settings(text))
    }

    private let a = AccountName("a")!
    private let b = AccountName("b")!

    @Test("is nothing when nothing changed, however it is written")
    func nothing() throws {
        #expect(try difference().isEmpty)
        #expect(try difference(("defaults:", "# a comment\nlog_level: info\ndefaults:")).isEmpty)
    }

    @Test("is accounts that come and go")
    func accounts() throws {
        let difference = try difference(("  a:", "  c:"), ("a@b.de", "c@b.de"))
        #expect(difference.added.map(\.text) == ["c"])
        #expect(difference.removed == [a])
        #expect(difference.changed.isEmpty)
        #expect(difference.renamed.isEmpty)
    }

    @Test("is an account under another name, when it says so")
    func renamed() throws {
        let difference = try difference(("  a: {", "  c: {previously: [x, a], "))
        #expect(difference.renamed == [a: AccountName("c")!])
        #expect(difference.added.isEmpty)
        #expect(difference.removed.isEmpty)
        #expect(difference.changed[AccountName("c")!]?.reconnectsReceiving == false)
    }

    static let changes: [(from: String, to: String, account: String, SettingsDifference.AccountChange)] = [
        ("a@b.de}", "a@b.de, receive: {poll_interval: 1m}}", "a", change { $0.receiving = true }),
        ("a@b.de}", "a@b.de, receive: {enabled: false}}", "a", change { $0.receiving = true }),
        ("a@b.de}", "a@b.de, send: {max_age: 1d}}", "a", change { $0.sending = true }),
        ("a@b.de}", "a@b.de, send: null}", "a", change { $0.sending = true }),
        (
            "a@b.de}", "a@b.de, enabled: false}", "a",
            change {
                $0.receiving = true
                $0.sending = true
            }
        ),
        (
            "a@b.de}", "a@b.de, send: {login: x}}", "a",
            change {
                $0.sending = true
                $0.reconnectsSending = true
            }
        ),
        (
            "a@b.de}", "a@b.de, receive: {protocol: pop3}}", "a",
            change {
                $0.receiving = true
                $0.reconnectsReceiving = true
            }
        ),
        (
            "outlook, client_id: x}", "outlook, client_id: x, ca_file: /x}", "b",
            change {
                $0.receiving = true
                $0.reconnectsReceiving = true
            }
        ),
        ("path: /crm", "path: /new", "b", change { $0.receiving = true }),
    ]

    private static func change(
        _ body: (inout SettingsDifference.AccountChange) -> Void
    ) -> SettingsDifference.AccountChange {
        var change = SettingsDifference.AccountChange()
        body(&change)
        return change
    }

    @Test("reaches only the account, and as far as it must", arguments: changes)
    func changed(from: String, to: String, account: String, change: SettingsDifference.AccountChange) throws {
        let difference = try difference((from, to))
        #expect(difference.changed == [AccountName(account)!: change])
    }

    @Test("of the proxy reconnects everything")
    func proxy() throws {
        let difference = try difference(("defaults:", "proxy: {url: \"http://p:1\"}\ndefaults:"))
        #expect(difference.changed.keys.sorted() == [a, b])
        #expect(difference.changed[a]?.reconnectsReceiving == true)
        #expect(difference.changed[a]?.reconnectsSending == true)
        #expect(difference.changed[b]?.reconnectsSending == false)
    }

    @Test(
        "that only a restart can bring is named",
        arguments: [
            ("state_directory: /x", [.stateDirectory]), ("control_socket: /x/s", [.controlSocket]),
            ("console: {listen: \"127.0.0.1:1\"}", [.console]), ("api: {listen: \"127.0.0.1:1\"}", [.api]),
            ("submission: {listen: [\"127.0.0.1:1\"]}", [.submission]), ("log_level: debug", []),
            ("api: {listen: \"127.0.0.1:1\"}\nstate_directory: /x", [.stateDirectory, .api]),
        ] as [(String, [SettingsDifference.Restart])])
    func restart(line: String, restart: [SettingsDifference.Restart]) throws {
        let difference = try difference(("defaults:", line + "\ndefaults:"))
        #expect(difference.needsRestart == restart)
        #expect(!difference.isEmpty)
    }

    @Test(
        "of the daemon as a whole is said once",
        arguments: [
            "log_level: debug", "retention: {sent: 1d}", "access: {send: [x]}", "notify: x@y.de", "notify_via: a",
        ])
    func daemon(line: String) throws {
        let difference = try difference(("defaults:", line + "\ndefaults:"))
        #expect(difference.changesDaemon)
        #expect(difference.changed.isEmpty)
    }

    @Test("of whether owners are told is one of the daemon as a whole")
    func owners() throws {
        let before = Self.text + "notify_via: a\nconsole: {listen: \"127.0.0.1:1\", public_url: \"https://a.de\"}\n"
        let difference = SettingsDifference(
            from: try Fixture.settings(before), to: try Fixture.settings(before + "notify_owner: true"))
        #expect(difference.changesDaemon)
        #expect(difference.changed.isEmpty && difference.needsRestart.isEmpty)
    }

    @Test("of providers and destinations is named for those who keep something of them")
    func parts() throws {
        let difference = try difference(
            ("contoso.onmicrosoft.com", "fabrikam.de"), ("provider: other, ", ""), ("deliver_to: [crm]", ""),
            ("  other: {preset: outlook, client_id: x}\n", ""),
            ("destinations: {crm: {type: maildir, path: /crm}}", "destinations: {new: {type: maildir, path: /new}}")
        )
        #expect(difference.changedProviders.map(\.text) == ["contoso"])
        #expect(difference.removedProviders.map(\.text) == ["other"])
        #expect(difference.changedDestinations.map(\.text) == ["new"])
        #expect(difference.removedDestinations.map(\.text) == ["crm"])
    }
}
