/// An address with the name of whom it belongs to (`mailbox`, RFC 5322 §3.4).
public struct NamedAddress: Hashable, Sendable, CustomStringConvertible {
    /// Decoded; `nil` without one.
    public var name: String?
    public var address: MailAddress

    public init(name: String? = nil, address: MailAddress) {
        self.name = name
        self.address = address
    }

    /// As a header field holds it: the name quoted, or in encoded words where it is not ASCII or holds line ends.
    public var description: String {
        guard let name, !name.isEmpty else { return address.description }
        let isPlain = name.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        return "\(isPlain ? NamedAddress.quoted(name) : NamedAddress.encodedWords(name)) <\(address)>"
    }

    private static func quoted(_ name: String) -> String {
        "\"" + name.map { $0 == "\"" || $0 == "\\" ? "\\\($0)" : String($0) }.joined() + "\""
    }

    /// RFC 2047 §2: a word has at most 75 characters, so 45 octets of text, and splits no character.
    private static func encodedWords(_ name: String) -> String {
        var words: [[UInt8]] = [[]]
        for character in name.unicodeScalars {
            let bytes = Array(String(character).utf8)
            if words[words.count - 1].count + bytes.count > 45 { words.append([]) }
            words[words.count - 1] += bytes
        }
        return words.map { "=?utf-8?B?\(String(decoding: Base64.encode($0), as: UTF8.self))?=" }.joined(
            separator: " ")
    }
}
