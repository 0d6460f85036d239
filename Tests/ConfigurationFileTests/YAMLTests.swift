import ConfigurationFile
import Testing

@Suite("A file that is not what YAML or we want")
struct YAMLTests {
    static let cases: [(text: String, errors: [String])] = [
        ("", ["1:1: the file is empty: write providers and accounts"]),
        ("# nothing yet\n", ["1:1: the file is empty: write providers and accounts"]),
        ("- a\n", ["1:1: the configuration must be a map of keys, not a list"]),
        ("text\n", ["1:1: the configuration must be a map of keys, not a single value"]),
        ("log_level: info\n\tnotify: a@b.de\n", ["2:1: a tab cannot indent: write spaces"]),
        (
            "notify: a: b\n",
            ["1:10: a key cannot stand here: is the line indented right, or does a value with a colon need quotes?"]
        ),
        ("access: {send: [@mail]}\n", ["1:17: a value cannot begin with @ here: put it into quotes"]),
        ("notify: `x`\n", ["1:9: a value cannot begin with ` here: put it into quotes"]),
        (
            "notify: \"x\n",
            [
                "2:1: this is not YAML: found unexpected end of stream while scanning a quoted scalar that begins on "
                    + "line 1"
            ]
        ),
        ("notify: *x\n", ["1:9: put a value that begins with * or & into quotes"]),
        (
            "defaults: {receive: {folders: [*]}}\n",
            ["1:33: put a value that begins with * or & into quotes"]
        ),
        (
            "notify: &a a@b.de\n",
            [
                "1:9: YAML anchors and aliases are not supported: put what accounts share under `defaults`, or quote a "
                    + "value that begins with & or *"
            ]
        ),
        (
            "<<: {log_level: info}\n",
            ["1:1: YAML merge keys are not supported: put what accounts share under `defaults`"]
        ),
        (
            "log_level: !!str info\nnotify_owner: !!bool true\n",
            [
                "2:15: YAML tags are not supported: quote a value that begins with !"
            ]
        ),
        ("? [a]\n: b\n", ["1:3: a key must be plain text"]),
        (
            "? {a: b}\n: c\nlog_level: x\n",
            [
                "1:3: a key must be plain text", "3:12: `log_level` must be debug, info, warning or error, not `x`",
            ]
        ),
        ("'': x\n", ["1:1: a key is missing before the colon"]),
        (
            "log_level: info\n---\nlog_level: info\n",
            [
                "2:1: a configuration is one YAML document, and a second one begins here"
            ]
        ),
        ("log_level: \u{7}\n", ["1:12: the character U+0007 cannot stand here"]),
        ("log_level: info\r\n# \u{FEFF}\r\n", ["2:3: the character U+FEFF cannot stand here"]),
        (
            "log_level: info\n  notify: x\n",
            [
                "2:9: a key cannot stand here: is the line indented right, or does a value with a colon need quotes?"
            ]
        ),
    ]

    @Test("is refused, with its place and what to do", arguments: cases)
    func refused(text: String, errors: [String]) {
        #expect(Fixture.errors(text) == errors.map { "p.yaml:" + $0 })
    }

    @Test(
        "reads a value as what it looks like, never as what YAML would make of it",
        arguments: ["no", "1:30", "0x10", "010", "1e3", "on", "~x", "2026-01-01", "null-tenant.de", "1_000"]
    )
    func noGuessing(value: String) throws {
        let text = Fixture.contoso + Fixture.support.replacing("send: {}", with: "send: {login: \(value)}")
        let account = try #require(try Fixture.settings(text).accounts.values.first)
        #expect(account.send?.signIn.login == value)
    }

    @Test("accepts a byte order mark and Windows line ends")
    func windows() {
        let text = "\u{FEFF}" + (Fixture.contoso + Fixture.support).replacing("\n", with: "\r\n")
        #expect(Fixture.errors(text) == [])
        #expect(Fixture.errors(text + "log_level: x\r\n").count == 1)
        #expect(Fixture.errors(text + "x: 1\r\n") == ["p.yaml:12:1: unknown key `x`"])
    }

    @Test("counts columns in characters, not octets")
    func columns() {
        #expect(
            Fixture.errors("proxy: {\"äöü😀\": 1, x: 2, url: \"http://p\"}") == [
                "p.yaml:1:9: unknown key `äöü😀`", "p.yaml:1:20: unknown key `x`",
            ])
    }

    @Test("reports every key written twice, and everything else, too")
    func duplicates() {
        let text = """
            log_level: info
            "log_level": debug
            poll_interval: x
            log_level: error
            retention:
              sent: 1d
              failed: 1x
              sent: 2d
            """
        let wanted = "must be a duration such as 30s, 5m, 12h or 90d"
        #expect(
            Fixture.errors(text) == [
                "p.yaml:2:1: `log_level` is already written on line 1",
                "p.yaml:3:16: `poll_interval` \(wanted), not `x`",
                "p.yaml:4:1: `log_level` is already written on line 2",
                "p.yaml:7:11: `failed` \(wanted), not `1x`",
                "p.yaml:8:3: `sent` is already written on line 6",
            ])
    }

    @Test("names one key written twice where the rest cannot be read either")
    func hopelessDuplicates() {
        let maps = (0..<30).map { "k\($0): {a: 1, a: 2}\n" }.joined()
        #expect(Fixture.errors(maps) == ["p.yaml:21:7: `a` is written twice in this map"])
        #expect(Fixture.errors("{[a]: 1, [a]: 2}").count == 1)
        #expect(Fixture.errors("{'': 1, '': 2}").count == 1)
    }

    @Test("has no value where there is only a key, except sections of the file")
    func nothing() {
        #expect(Fixture.errors("accounts:\nproviders:\ndestinations:\ndefaults:\n") == [])
        #expect(
            Fixture.errors("notify:\nproxy:\n") == [
                "p.yaml:1:1: `notify` has no value; write null to unset it (a # begins a comment, quote it)",
                "p.yaml:2:1: `proxy` has no value; write null to unset it (a # begins a comment, quote it)",
            ])
        #expect(Fixture.errors("notify: null\nproxy: ~\nlog_level: NULL\n") == [])
    }

    @Test(
        "is not UTF-8",
        arguments: [
            ([0x61, 0x3A, 0x20, 0xFF], "1:4: this is not UTF-8; save the file as UTF-8"),
            (Array("a: b\nc: ".utf8) + [0xC3], "2:4: this is not UTF-8; save the file as UTF-8"),
            ([0xFF, 0xFE, 0x61, 0x00], "1:1: the file is UTF-16; save it as UTF-8"),
            ([0x61, 0x00, 0x3A, 0x00], "1:2: the character U+0000 cannot stand here"),
        ] as [([UInt8], String)])
    func notUTF8(bytes: [UInt8], error: String) {
        #expect(message(of: bytes) == "p.yaml:" + error)
    }

    private func message(of bytes: [UInt8]) -> String? {
        do {
            _ = try LoadedConfiguration(checking: [ConfigurationDocument(name: "p.yaml", bytes: bytes)])
            return nil
        } catch {
            return error.description
        }
    }
}
