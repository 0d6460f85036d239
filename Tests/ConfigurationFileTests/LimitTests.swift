import ConfigurationFile
import Testing

@Suite("A configuration that is too much")
struct LimitTests {
    @Test("is refused when the file is too large")
    func large() {
        let text = "# " + String(repeating: "x", count: 10_000_000)
        #expect(Fixture.errors(text) == ["p.yaml: the file is larger than 8 MB"])
    }

    @Test("is refused when it holds too many values")
    func many() {
        let text = "a: [" + String(repeating: "a,", count: 1_100_000) + "]"
        #expect(Fixture.errors(text) == ["p.yaml: the file holds too many values"])
    }

    @Test("is refused when it is nested too deeply", arguments: [30, 900, 100_000])
    func deep(depth: Int) {
        #expect(!Fixture.errors("a: " + String(repeating: "[", count: depth)).isEmpty)
        let text = "a: " + String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        let errors = Fixture.errors(text)
        #expect(errors.contains { $0.hasSuffix("this is nested too deeply") }, "\(errors)")
    }

    @Test("is refused as a bomb of aliases, as values and as keys")
    func bomb() {
        let levels = (1..<40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
        let values = Fixture.errors("a0: &a0 [x]\n" + levels)
        #expect(
            values == [
                "p.yaml:2:1: YAML anchors and aliases are not supported: put what accounts share under `defaults`"
            ])
        let keys = Fixture.errors("a0: &a0 [x]\n" + levels + "? *a39\n: x\n")
        #expect(keys == values)
    }

    @Test("does not take words with an asterisk in comments and quotes for aliases")
    func asterisks() {
        let comments = String(repeating: "# this is *not* an alias, nor is *this one\n", count: 50)
        #expect(Fixture.errors(comments + Fixture.contoso + Fixture.support) == [])
    }

    @Test("names a thousand errors and counts the rest")
    func errors() {
        let text = (0..<1_500).map { "k\($0): 1\n" }.joined()
        let errors = Fixture.errors(text)
        #expect(errors.count == 1_000)
        do {
            _ = try Fixture.load(text)
        } catch {
            #expect(error.omitted == 500)
            #expect(error.description.hasSuffix("\nand 500 more errors"))
        }
    }

    @Test(
        "cut off anywhere it is right or refused, and never a crash",
        arguments: [
            (Fixture.contoso + Fixture.support, 1), (WholeSchema.text, 29),
        ])
    func truncated(text: String, step: Int) {
        let bytes = Array(text.utf8)
        let whole = stride(from: 0, through: bytes.count, by: step).filter { isRight(Array(bytes[..<$0])) }
        #expect(!whole.contains(0))
        #expect(step > 1 || whole.contains(bytes.count))
    }

    @Test(
        "with any one octet changed it is right or refused, and never a crash",
        arguments: [
            "\0", "\t", "\"", "'", "{", "[", "*", "&", "!", ":", "-", "?", "\n", "#", "|", ">", "%", "\u{80}",
        ])
    func damaged(octet: String) {
        let bytes = Array((Fixture.contoso + Fixture.support).utf8)
        let right = stride(from: 0, to: bytes.count, by: 3).filter { index in
            isRight(bytes[..<index] + [octet.utf8.last!] + bytes[(index + 1)...])
        }
        #expect(right.count < bytes.count / 3)
    }

    private func isRight(_ bytes: some Collection<UInt8>) -> Bool {
        let document = ConfigurationDocument(name: "p.yaml", bytes: Array(bytes))
        return (try? LoadedConfiguration(checking: [document])) != nil
    }
}
