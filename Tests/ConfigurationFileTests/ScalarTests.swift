import ConfigurationFile
import Diagnostics
import MailModel
import Testing

@Suite("A value")
struct ScalarTests {
    private func receive(_ line: String) throws -> ReceiveSettings {
        let text = Fixture.contoso + Fixture.support.replacing("receive: {}", with: "receive: {\(line)}")
        return try #require(try Fixture.settings(text).accounts.values.first?.receive)
    }

    @Test(
        "is a duration",
        arguments: [
            ("30s", Duration.seconds(30)), ("5m", .seconds(300)), ("12h", .seconds(43200)),
            ("90d", .seconds(7_776_000)),
            ("\"5m\"", .seconds(300)), ("36500d", .seconds(36500 * 86400)),
        ])
    func duration(text: String, duration: Duration) throws {
        #expect(try receive("poll_interval: \(text)").pollInterval == duration)
    }

    @Test(
        "is no duration",
        arguments: [
            "5", "m", "5 m", "-5m", "+5m", "05m", "5M", "5min", "1h30m", "1.5h", "5ms", "0x5m", "5_0m",
            "9999999999999999999d",
            "99999d", "0s", "５m", "1w", "[5m]", "{a: b}", "5\u{A0}m",
        ])
    func noDuration(text: String) {
        #expect(throws: ConfigurationErrors.self) { try receive("poll_interval: \(text)") }
    }

    @Test(
        "is a size, counted in powers of two as Dovecot does",
        arguments: [
            ("1KB", Int64(1024)), ("50MB", 52_428_800), ("2GB", 2_147_483_648), ("1TB", 1_099_511_627_776),
        ])
    func size(text: String, octets: Int64) throws {
        #expect(try receive("max_message_size: \(text)").maxMessageSize == octets)
    }

    @Test(
        "is no size",
        arguments: ["50", "50M", "50mb", "MB", "0MB", "-1MB", "1.5GB", "50 MB", "99999999999999GB", "050MB"])
    func noSize(text: String) {
        #expect(throws: ConfigurationErrors.self) { try receive("max_message_size: \(text)") }
    }

    @Test(
        "is a moment",
        arguments: [
            ("2026-01-01", "2026-01-01T00:00:00Z"), ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00Z"), ("2026-01-31t09:30:00z", "2026-01-31T09:30:00Z"),
            ("2026-01-31 09:30:00+01:00", "2026-01-31T08:30:00Z"),
            ("2026-01-01T00:30:00+05:30", "2025-12-31T19:00:00Z"),
            ("2026-01-31T09:30:00.1239-08:00", "2026-01-31T17:30:00Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"), ("9999-12-31", "9999-12-31T00:00:00Z"),
        ])
    func moment(text: String, moment: String) throws {
        #expect(try receive("since: \(text)").since?.description == moment)
    }

    @Test("keeps the milliseconds of a moment")
    func milliseconds() throws {
        #expect(try receive("since: 1970-01-01T00:00:00.5Z").since == Timestamp(milliseconds: 500))
    }

    @Test(
        "is no moment",
        arguments: [
            "2026", "2026-1-1", "2026-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "01.01.2026",
            "2026-01-01T", "2026-01-01T09:30", "2026-01-01T09:30:00", "2026-01-01T24:00:00Z", "2026-01-01T09:60:00Z",
            "2026-01-01T09:30:61Z", "2026-01-01T09:30:00.Z", "2026-01-01T09:30:00+1:00", "2026-01-01T09:30:00+24:00",
            "2026-01-01T09:30:00Zx", "0000-01-01", "-026-01-01", "today",
        ])
    func noMoment(text: String) {
        #expect(throws: ConfigurationErrors.self) { try receive("since: \(text)") }
    }

    private func errors(_ provider: String) -> [String] {
        Fixture.errors("providers: {p: {preset: outlook, client_id: x, \(provider)}}")
    }

    @Test(
        "is a host",
        arguments: [
            "a", "mail.example.org", "MAIL.Example.ORG", "xn--bcher-kva.de", "1and1.de", "_x.de", "192.0.2.1",
            "\"2001:db8::1\"",
            "\"[2001:db8::1]\"", "localhost",
        ])
    func host(text: String) {
        #expect(errors("imap: {host: \(text)}") == [])
    }

    @Test(
        "is no host",
        arguments: [
            "a..b", ".a", "a.", "-a.de", "a-.de", "bücher.de", "a b", "a/b", "http://a.de", "a.de:993", "999.1.1.1",
            "1.2.3",
            "\"[a.de]\"", "\"2001:db8::zz\"", "\"\"", "\(String(repeating: "a", count: 64)).de",
            String(repeating: "a.", count: 130) + "de",
        ])
    func noHost(text: String) {
        #expect(errors("imap: {host: \(text)}").count == 1)
    }

    @Test(
        "is a URL: https, or http on this machine",
        arguments: [
            "https://a.de", "https://a.de/", "https://a.de:8443/x?y=z&a=%20", "http://localhost:8080/t",
            "http://127.9.9.9/t",
            "\"http://[::1]:80/t\"", "\"https://[2001:db8::1]/t\"", "HTTPS://A.de/",
        ])
    func url(text: String) {
        #expect(errors("token_url: \(text)") == [])
    }

    @Test(
        "is no URL that we would send a secret to",
        arguments: [
            "a.de", "//a.de/", "http://a.de/", "http://10.0.0.1/", "http://localhost.de/", "ftp://a.de/", "https://",
            "https:///x", "https://u:p@a.de/", "\"https://a.de/#x\"", "\"https://a.de/ x\"", "https://a.de:0/",
            "https://a.de:65536/", "https://2001:db8::1/", "https://ä.de/", "https://a.de:x/",
            "\"https://a.de/{tenant}\"",
            "http://127.0.0.1@a.de/",
        ])
    func noURL(text: String) {
        #expect(errors("token_url: \(text)").count == 1)
    }

    @Test(
        "is a mail address, with its domain in lower case",
        arguments: [
            ("a@B.de", "a@b.de"), ("A.b+c_d@x-y.example.org", "A.b+c_d@x-y.example.org"),
            ("o'neil@a.de", "o'neil@a.de"),
            ("jörg@müller.de", "jörg@müller.de"), ("a@localhost", "a@localhost"),
        ])
    func address(text: String, address: String) throws {
        let settings = try Fixture.settings(
            Fixture.contoso + Fixture.support.replacing("support@contoso.de", with: text))
        #expect(settings.accounts.values.first?.address == address)
    }

    @Test(
        "is no mail address",
        arguments: [
            "a", "@b.de", "a@", "a b@c.de", "a@b@c.de", "\"<a@b.de>\"", "Anna <a@b.de>", ".a@b.de", "a.@b.de",
            "a..b@c.de",
            "'\"a\"@b.de'", "a@[127.0.0.1]", "a@127.0.0.1", "a@b..de", "a@-b.de", "a,b@c.de", "\"a\\n@b.de\"",
            String(repeating: "a", count: 65) + "@b.de",
        ])
    func noAddress(text: String) {
        let yaml = Fixture.contoso + Fixture.support.replacing("support@contoso.de", with: text)
        #expect(Fixture.errors(yaml).count == 1)
    }

    private func destination(_ lines: String) throws -> Destination.Kind? {
        try Fixture.settings("destinations: {x: {type: maildir, \(lines)}}").destinations[DestinationName("x")!]?.kind
    }

    @Test(
        "is a file mode, in octal however it is written",
        arguments: [
            ("0660", UInt32(0o660)), ("660", 0o660), ("0o640", 0o640), ("\"0600\"", 0o600), ("0666", 0o666),
        ])
    func mode(text: String, bits: UInt32) throws {
        #expect(try destination("path: /m, mode: \(text)") == .maildir(.init(path: "/m", mode: bits)))
    }

    @Test(
        "is no file mode",
        arguments: ["432", "0x1b0", "66", "0880", "0770", "0060", "0440", "04660", "rw-rw----", "-660"])
    func noMode(text: String) {
        #expect(throws: ConfigurationErrors.self) { try destination("path: /m, mode: \(text)") }
    }

    @Test(
        "has placeholders that exist",
        arguments: [
            ("path: \"/m/{acount}\"", "{account}"), ("path: \"/m/{key}\"", nil), ("path: \"/m/{\"", nil),
            ("path: \"/m/{}\"", nil), ("path: \"/m/{folde}/x\"", "{folder}"),
        ])
    func placeholders(line: String, suggestion: String?) throws {
        let errors = Fixture.errors("destinations: {x: {type: maildir, \(line)}}")
        #expect(errors.count == 1)
        if let suggestion { #expect(errors.first?.hasSuffix("did you mean `\(suggestion)`?") == true) }
    }

    @Test(
        "of a destination is refused where it does not fit",
        arguments: [
            ("type: maildir", "1:16: `path` is missing: where is the Maildir?"),
            ("type: webhook", "1:16: `url` is missing: where is the mail posted to?"),
            ("type: lmtp", "1:16: `address` is missing: write unix:/PATH or HOST:PORT"),
            ("type: pipe", "1:16: `command` is missing: a list: the program and its arguments"),
            ("path: /m", "1:16: `type` is missing: write maildir, webhook, lmtp or pipe"),
            ("type: lmtp, address: dovecot", "1:41: `address` must be unix:/PATH or HOST:PORT, not `dovecot`"),
            ("type: pipe, command: [import]", "1:41: the program in `command` must be an absolute path"),
            ("type: pipe, command: [/x], url: y", "1:47: unknown key `url`"),
            (
                "type: webhook, url: \"https://a.de\", headers: {\"a b\": c}",
                "1:66: `a b` is not the name of a header"
            ),
        ])
    func destinations(lines: String, error: String) {
        #expect(Fixture.errors("destinations: {x: {\(lines)}}") == ["p.yaml:" + error])
    }
}
