import Testing

@testable import Transport

@Suite struct HostNameTests {
    @Test(
        "only this machine is loopback",
        arguments: [
            ("localhost", true), ("LOCALHOST", true), ("127.0.0.1", true), ("127.9.8.7", true), ("::1", true),
            ("[::1]", true), ("128.0.0.1", false), ("127.0.0.1.example.org", false), ("127.1", false),
            ("localhost.example.org", false), ("mail.example.org", false), ("::2", false), ("", false),
            ("127.0.0.256", false),
        ])
    func loopback(host: String, expected: Bool) { #expect(HostName.isLoopback(host) == expected) }

    @Test(
        "a name that would change the meaning of an address is refused",
        arguments: [
            ("imap.example.org", true), ("[2001:db8::1]", true), ("2001:db8::1", true), ("büro.example", true),
            ("a_b.example", true), ("", false), ("user@host", false), ("host/path", false), ("host?x", false),
            ("host#x", false), ("a b", false), ("host\r\nX: y", false), ("%41", false), ("host\\x", false),
        ])
    func plausible(name: String, expected: Bool) { #expect(HostName.isPlausible(name) == expected) }

    @Test(
        "a proxy is passed by for its exceptions and the hosts below them",
        arguments: [
            ("imap.example.org", ["example.org"], false), ("example.org", ["example.org"], false),
            ("imap.example.org", [".example.org"], false), ("IMAP.Example.ORG", ["example.org."], false),
            ("badexample.org", ["example.org"], true), ("example.org", ["imap.example.org"], true),
            ("anything", ["*"], false), ("::1", ["[::1]"], false), ("10.0.0.1", ["10.0.0.1"], false),
            ("10.0.0.11", ["10.0.0.1"], true), ("imap.example.org", [], true),
        ])
    func exceptions(host: String, except: [String], taken: Bool) {
        #expect(Proxy(url: "http://proxy:3128", except: except).serves(host) == taken)
    }
}
