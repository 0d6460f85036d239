import MailModel
import Testing

@Suite("An IP address") struct IPAddressTests {
    @Test(
        "is read in its usual forms, and written in one",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:DB8:0::1", "2001:db8::1"),
            ("::1", "::1"),
        ])
    func read(text: String, written: String) throws { #expect(IPAddress(text)?.description == written) }

    @Test(
        "is told from what is none", arguments: ["", "192.0.2", "192.0.2.256", "localhost", "::1%lo", "[::1]", "1 "])
    func other(text: String) { #expect(IPAddress(text) == nil) }

    @Test("belongs to one party with its neighbours, where a machine has many")
    func party() {
        #expect(IPAddress("192.0.2.1")?.party == IPAddress("192.0.2.1"))
        #expect(IPAddress("2001:db8:1:2:3::4")?.party == IPAddress("2001:db8:1:2::"))
    }

    @Test(
        "is in a network",
        arguments: [
            ("127.0.0.1", "127.0.0.1", true), ("127.0.0.1", "127.0.0.2", false), ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false), ("192.0.2.128/25", "192.0.2.127", false),
            ("192.0.2.128/25", "192.0.2.200", true), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
            ("127.0.0.1", "::ffff:127.0.0.1", true),
        ])
    func contained(network: String, address: String, isIn: Bool) throws {
        #expect(try #require(IPNetwork(network)).contains(#require(IPAddress(address))) == isIn)
    }

    @Test(
        "makes no network with a length that is none", arguments: ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "a/8"])
    func noNetwork(text: String) { #expect(IPNetwork(text) == nil) }
}
