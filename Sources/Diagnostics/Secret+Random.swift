extension Secret {
    /// 256 bits that nobody guesses, as 43 characters of base64url (RFC 4648 §5): fit for URLs, forms and cookies.
    public static func random() -> Secret {
        var generator = SystemRandomNumberGenerator()
        return Secret(encoding: (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }

    /// Whether `text` could be one of `random()`. Nothing else needs to be looked for.
    public static func isRandom(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 43 && text.utf8.allSatisfy { alphabet.contains($0) }
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    private init(encoding bytes: [UInt8]) {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for place in 0...group.count { text.append(Secret.alphabet[bits >> (18 - 6 * place) & 63]) }
        }
        self.init(bytes: text)
    }
}
