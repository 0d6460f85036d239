import MailProtocol
import Testing

@Suite struct DotStufferTests {
    private func stuff(_ pieces: [some Collection<UInt8>]) -> String {
        var stuffer = DotStuffer()
        var output: [UInt8] = []
        for piece in pieces { stuffer.push(Array(piece)[...], into: &output) }
        stuffer.finish(into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test(
        "Dots are doubled at the start of lines, and every line ends with CRLF",
        arguments: [
            ("", ""), ("a", "a\r\n"), ("a\r\n", "a\r\n"), (".", "..\r\n"), (".\r\n", "..\r\n"), ("..\r\n", "...\r\n"),
            ("a\r\n.b\r\n.\r\nc.\r\n", "a\r\n..b\r\n..\r\nc.\r\n"), ("\r\n.\r\n", "\r\n..\r\n"),
            ("a\n.\nb", "a\r\n..\r\nb\r\n"), ("a\r.\rb", "a\r\n..\r\nb\r\n"), ("a\r\r\n.b", "a\r\n..b\r\n"),
            ("a\r", "a\r\n"), ("a\r\r\r", "a\r\n"), ("\n", "\r\n"), ("\r", "\r\n"), ("\n\r", "\r\n\r\n"),
            ("\n\n.\n", "\r\n\r\n..\r\n"), ("a\r\nb\rc\nd\r\n", "a\r\nb\r\nc\r\nd\r\n"),
            ("a\n.\r\nMAIL FROM:<b@x.test>\r\n", "a\r\n..\r\nMAIL FROM:<b@x.test>\r\n"),
        ])
    func stuffs(content: String, expected: String) {
        let octets = Array(content.utf8)
        #expect(stuff([octets]) == expected)
        for split in 0...octets.count { #expect(stuff([octets[..<split], octets[split...]]) == expected) }
        #expect(stuff(octets.map { [$0] }) == expected)
    }

    @Test("No bare CR or LF and no lone dot comes out, whatever goes in", arguments: 0..<200)
    func random(seed: UInt64) {
        var generator = SplitMix(state: seed)
        let alphabet = Array("\r\n\r\n..ab".utf8)
        let octets = (0..<60).map { _ in alphabet.randomElement(using: &generator)! }
        let cuts = [0, Int.random(in: 0...30, using: &generator), Int.random(in: 31...60, using: &generator), 60]
        let output = stuff(zip(cuts, cuts.dropFirst()).map { octets[$0..<$1] })
        #expect(output == stuff([octets]))
        let lines = output.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.last == "")
        #expect(lines.allSatisfy { $0 != "." && !$0.utf8.contains { $0 == 13 || $0 == 10 } })
        let content = lines.map { $0.hasPrefix(".") ? $0.dropFirst() : $0 }.joined(separator: "\n")
        let expected = String(decoding: octets, as: UTF8.self).unicodeScalars
        #expect(
            content.filter { $0 != "\n" }
                == String(String.UnicodeScalarView(expected.filter { !"\r\n".unicodeScalars.contains($0) })))
    }
}

/// A small generator, so that a failing run can be repeated from its seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
