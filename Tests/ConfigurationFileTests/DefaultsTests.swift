import ConfigurationFile
import MailModel
import Testing

@Suite("Defaults")
struct DefaultsTests {
    private func account(defaults: String, account: String) throws -> Account {
        let text = """
            \(Fixture.contoso)
              own: {preset: generic, grant: password, imap: {host: a.de}, smtp: {host: a.de}}
            defaults: {\(defaults)}
            accounts:
              a: {address: a@b.de\(account.isEmpty ? "" : ", " + account)}
            """
        return try #require(try Fixture.settings(text).accounts[AccountName("a")!])
    }

    @Test("are an account's keys where it has none of its own")
    func given() throws {
        let account = try account(
            defaults: "provider: contoso, log_level: debug, receive: {poll_interval: 1m, folders: [inbox, junk]}",
            account: ""
        )
        #expect(account.logLevel == .debug)
        #expect(account.receive?.pollInterval == .seconds(60))
        #expect(account.receive?.folders.count == 2)
        #expect(account.send == nil)
    }

    @Test("merge maps by key; lists and single values replace")
    func merged() throws {
        let account = try account(
            defaults: """
                provider: contoso, receive: {poll_interval: 1m, folders: [inbox, junk], delete_after: {inbox: 1d, junk: 2d}}, \
                send: {rate: {connections: 1, messages_per_minute: 7}}
                """,
            account: """
                receive: {poll_interval: 2m, folders: [sent], delete_after: {junk: 3d}}, send: {rate: {connections: 2}}
                """
        )
        #expect(account.receive?.pollInterval == .seconds(120))
        #expect(account.receive?.folders.map(\.selector) == [.role(.sent)])
        #expect(account.receive?.deleteAfter == [.inbox: .seconds(86400), .junk: .seconds(3 * 86400)])
        #expect(account.send?.rate == .init(messagesPerMinute: 7, recipientsPerDay: 10_000, connections: 2))
    }

    @Test("do not mix two secrets, nor two ways to treat fetched mail")
    func replaced() throws {
        let account = try account(
            defaults: "provider: own, password: {file: /etc/pw}, receive: {after_fetch: {move: archive}}",
            account: "password: {env: PASSWORD}, receive: {after_fetch: {move: Alt}}"
        )
        #expect(account.receive?.signIn.password == .environment("PASSWORD"))
        #expect(account.receive?.afterFetch == .moveToFolder("Alt"))
    }

    @Test("are unset by null")
    func unset() throws {
        let account = try account(
            defaults: "provider: contoso, log_level: debug, receive: {since: 2026-01-01, idle: false}, send: {}",
            account: "log_level: null, receive: {since: null}, send: ~"
        )
        #expect(account.logLevel == nil)
        #expect(account.receive?.since == nil)
        #expect(account.receive?.idle == false)
        #expect(account.send == nil)
    }

    @Test("switch nothing off that an account does not name")
    func poll() throws {
        let text = Fixture.contoso + "poll_interval: 9m\n" + Fixture.support
        let account = try #require(try Fixture.settings(text).accounts.values.first)
        #expect(account.receive?.pollInterval == .seconds(540))
    }

    @Test("keep errors where they are written, once for all accounts")
    func positions() {
        let text =
            Fixture.contoso + """
                defaults:
                  provider: contoso
                  receive:
                    poll_interval: 1
                    protocol: pop3
                accounts:
                  a: {address: a@b.de, receive: {idle: true}}
                  b: {address: b@b.de, receive: {folders: [x]}}
                  c: {address: c@b.de}
                """
        #expect(
            Fixture.errors(text) == [
                "p.yaml:9:20: `poll_interval` must be a duration such as 30s, 5m, 12h or 90d, not `1`",
                "p.yaml:12:34: `idle` does not fit `protocol: pop3`, which cannot wait for new mail (null unsets a default)",
                "p.yaml:13:34: `folders` does not fit `protocol: pop3`, which has one folder, the inbox (null unsets a default)",
            ])
    }

    @Test("are checked even where every account overrides them, and hold nothing that only one account can have")
    func checked() {
        let text =
            Fixture.contoso + """
                defaults: {address: a@b.de, previously: [x], provider: nobody, log_level: x, sned: {}}
                accounts:
                  a: {address: a@b.de, provider: contoso, log_level: info, receive: {}}
                """
        #expect(
            Fixture.errors(text) == [
                "p.yaml:6:12: `address` does not belong here: every account has its own",
                "p.yaml:6:29: `previously` does not belong here: every account has its own",
                "p.yaml:6:56: there is no provider `nobody`",
                "p.yaml:6:75: `log_level` must be debug, info, warning or error, not `x`",
                "p.yaml:6:78: unknown key `sned`; did you mean `send`?",
            ])
    }
}
