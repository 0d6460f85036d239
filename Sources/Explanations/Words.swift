/// A text as its words, so that punctuation, case and the layout of a log line do not hide what a server said.
///
/// A word is a run of letters, digits and `_`, and of dots between digits (`5.7.139`). A bracket straight before a letter
/// belongs to its word: `[LIMIT]` is a response code (RFC 3501 §7.1), `limit` is not.
struct Words {
    private(set) var list: [String] = []

    init(_ text: String) {
        let bytes = Array(text.utf8.prefix(Limits.text))
        var word: [UInt8] = []
        for (index, byte) in bytes.enumerated() {
            let next = index + 1 < bytes.count ? bytes[index + 1] : 0
            if Words.isLetter(byte) || Words.isDigit(byte) {
                word.append(0x41...0x5A ~= byte ? byte | 0x20 : byte)
            } else if byte == UInt8(ascii: "."), word.last.map(Words.isDigit) == true, Words.isDigit(next) {
                word.append(byte)
            } else {
                finish(&word)
                if byte == UInt8(ascii: "["), Words.isLetter(next) { word.append(byte) }
            }
        }
        finish(&word)
    }

    /// A response code without its bracket.
    static func bare(_ word: String) -> String { word.first == "[" ? String(word.dropFirst()) : word }

    private mutating func finish(_ word: inout [UInt8]) {
        if !word.isEmpty { list.append(String(decoding: word, as: UTF8.self)) }
        word.removeAll(keepingCapacity: true)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }

    private static func isLetter(_ byte: UInt8) -> Bool {
        0x41...0x5A ~= byte || 0x61...0x7A ~= byte || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
