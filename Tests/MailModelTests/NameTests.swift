import MailModel
import Testing

@Suite struct NameTests {
    @Test(
        "A valid name keeps its text", arguments: ["a", "0", "support", "a.b_c-d", String(repeating: "a", count: 64)])
    func valid(text: String) { #expect(AccountName(text)?.text == text) }

    @Test(
        "What could leave its directory or break a URL is no name",
        arguments: [
            "", ".", "..", ".a", "-a", "_a", "A", "a/b", "a b", "ä", "a\n", "a%", String(repeating: "a", count: 65),
        ])
    func invalid(text: String) { #expect(AccountName(text) == nil) }

    @Test("Names are ordered by their text")
    func order() throws {
        let names = try ["b", "a.b", "a-b"].map { try #require(AccountName($0)) }
        #expect(names.sorted().map(\.description) == ["a-b", "a.b", "b"])
    }
}

@Suite struct DeliveryKeyTests {
    @Test("A key survives the way through text")
    func text() throws {
        var generator = SplitMix(state: 1)
        let key = DeliveryKey(using: &generator)
        #expect(key.description.utf8.count == 32)
        #expect(DeliveryKey(key.description) == key)
        #expect(DeliveryKey(bytes: key.bytes) == key)
        #expect(DeliveryKey(key.description.uppercased()) == key)
    }

    @Test(
        "Anything but 32 hexadecimal digits is no key",
        arguments: [
            "", "00", String(repeating: "0", count: 31), String(repeating: "0", count: 34),
            String(repeating: "g", count: 32),
        ])
    func invalid(text: String) { #expect(DeliveryKey(text) == nil) }

    @Test("Two keys differ")
    func random() {
        var generator = SystemRandomNumberGenerator()
        #expect(DeliveryKey(using: &generator) != DeliveryKey(using: &generator))
    }
}
