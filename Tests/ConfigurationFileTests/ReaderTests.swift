import ConfigurationFile
import Glibc
import MailModel
import Testing

@Suite("Reading the configuration's files")
struct ReaderTests {
    private let directory = TemporaryDirectory()
    private var reader: ConfigurationReader {
        ConfigurationReader(path: directory.path + "/postbote.yaml", directories: .init())
    }

    private func errors() -> [String] {
        do {
            _ = try reader.read()
            return []
        } catch {
            return error.errors.map { $0.description.replacing(directory.path + "/", with: "") }
        }
    }

    @Test(
        "takes the file from --config, then POSTBOTE_CONFIG, then /etc",
        arguments: [
            ("/a/b.yaml", ["POSTBOTE_CONFIG": "/c.yaml"], "/a/b.yaml", "/a/accounts.d"),
            (nil, ["POSTBOTE_CONFIG": "c.yaml"], "c.yaml", "accounts.d"),
            (nil, ["POSTBOTE_CONFIG": ""], "/etc/postbote/postbote.yaml", "/etc/postbote/accounts.d"),
            (nil, [:], "/etc/postbote/postbote.yaml", "/etc/postbote/accounts.d"),
        ] as [(String?, [String: String], String, String)])
    func place(option: String?, environment: [String: String], path: String, accounts: String) {
        let reader = ConfigurationReader(option: option, environment: environment)
        #expect(reader.path == path)
        #expect(reader.accountsDirectory == accounts)
    }

    @Test("puts the accounts of accounts.d beside those of the main file, in name order")
    func accountFiles() throws {
        directory.write(Fixture.contoso + "defaults: {provider: contoso, receive: {}}\n", to: "postbote.yaml")
        directory.write("accounts: {b: {address: b@b.de}}", to: "accounts.d/20-b.yaml")
        directory.write("accounts: {a: {address: a@b.de}}", to: "accounts.d/10-a.yaml")
        directory.write("", to: "accounts.d/30-empty.yaml")
        directory.write("no: [", to: "accounts.d/.hidden.yaml")
        directory.write("no: [", to: "accounts.d/a.yaml~")
        directory.write("accounts: {}", to: "accounts.d/c.yml")
        let loaded = try reader.read()
        #expect(loaded.settings.accounts.keys.sorted().map(\.text) == ["a", "b"])
        #expect(
            loaded.files.map { $0.replacing(directory.path, with: "") } == [
                "/postbote.yaml", "/accounts.d/10-a.yaml", "/accounts.d/20-b.yaml", "/accounts.d/30-empty.yaml",
            ])
        #expect(
            loaded.warnings.map(\.description) == [
                "\(directory.path)/accounts.d/c.yml: warning: this file is not read: its name does not end in .yaml"
            ])
        #expect(loaded.summary == "2 accounts (2 receiving, 0 sending), 1 provider, 1 destination")
    }

    @Test("names both places of an account that is defined twice")
    func twice() {
        directory.write(Fixture.contoso + Fixture.support, to: "postbote.yaml")
        directory.write(
            "accounts:\n  support: {address: b@b.de, receive: {provider: contoso}}", to: "accounts.d/b.yaml")
        let first = "\(directory.path)/postbote.yaml:7:3"
        #expect(
            errors() == [
                "accounts.d/b.yaml:2:3: the account `support` is already defined in \(first)"
                    .replacing(directory.path + "/", with: "")
            ])
    }

    @Test("refuses in accounts.d what belongs into the main file")
    func onlyAccounts() {
        directory.write(Fixture.contoso + Fixture.support, to: "postbote.yaml")
        directory.write("providers: {}\naccount: {}\naccounts: [a]", to: "accounts.d/b.yaml")
        #expect(
            errors() == [
                "accounts.d/b.yaml:1:1: `providers` does not belong here: files of accounts.d hold `accounts` only, the rest is "
                    + "in the main file",
                "accounts.d/b.yaml:2:1: unknown key `account`; did you mean `accounts`?",
                "accounts.d/b.yaml:3:11: `accounts` must be a map of keys, not a list",
            ])
    }

    @Test("reports errors of all files, the main one first, and no reference that a broken file may define")
    func allFiles() {
        directory.write(Fixture.contoso + "log_level: x\nnotify_via: sales\n" + Fixture.support, to: "postbote.yaml")
        directory.write("accounts: {sales: {address: [}", to: "accounts.d/b.yaml")
        directory.write("accounts: {a: {address: a, receive: {provider: contoso}}}", to: "accounts.d/a.yaml")
        #expect(
            errors() == [
                "postbote.yaml:6:12: `log_level` must be debug, info, warning or error, not `x`",
                "accounts.d/a.yaml:1:25: `address` must be a mail address such as info@example.org, not `a`",
                "accounts.d/b.yaml:1:30: this is not YAML: did not find expected node content while parsing a flow node that "
                    + "begins on line 1",
            ])
    }

    @Test("reports only YAML errors when the main file is no YAML")
    func brokenMain() {
        directory.write("providers: [\n", to: "postbote.yaml")
        directory.write("accounts: {a: {address: a@b.de, receive: {provider: contoso}}}", to: "accounts.d/a.yaml")
        let message = "did not find expected node content while parsing a flow node that begins on line 2"
        #expect(errors() == ["postbote.yaml:2:1: this is not YAML: \(message)"])
    }

    @Test("says why a file cannot be read")
    func unreadable() {
        #expect(errors() == ["postbote.yaml: cannot be read: No such file or directory"])
        mkdir(directory.path + "/postbote.yaml", 0o700)
        #expect(errors() == ["postbote.yaml: cannot be read: Is a directory"])
        directory.write("x", to: "accounts.d")
        #expect(errors().contains("accounts.d: cannot be read: Not a directory"))
    }

    @Test("stops at a file that never ends")
    func endless() {
        let reader = ConfigurationReader(path: "/dev/zero", directories: .init())
        let limits = "a file may have 8 MB, all together 32 MB"
        do {
            _ = try reader.read()
            Issue.record("/dev/zero was accepted")
        } catch {
            #expect(error.description == "/dev/zero: the configuration is too large: \(limits)")
        }
    }

    @Test("notices that everybody can read a file with a secret in it")
    func worldReadable() throws {
        let text = Fixture.contoso + "    client_secret: s\n    client_secret_expires: never\n" + Fixture.support
        directory.write(text, to: "postbote.yaml", mode: 0o644)
        #expect(try reader.read().warnings.map(\.kind) == [.unsafe])
        directory.write(text, to: "postbote.yaml", mode: 0o640)
        #expect(try reader.read().warnings == [])
    }
}
