/// Reads the few pieces of DER (X.690 §8.1, §10) that a certificate is asked for.
struct DERReader {
    enum Tag {
        static let integer: UInt8 = 0x02
        static let utcTime: UInt8 = 0x17
        static let generalizedTime: UInt8 = 0x18
        static let sequence: UInt8 = 0x30
        /// `[0] EXPLICIT`, the version of a certificate.
        static let version: UInt8 = 0xA0
    }

    /// One value, with its tag and length.
    struct Element {
        var tag: UInt8
        var content: ArraySlice<UInt8>
        var whole: ArraySlice<UInt8>
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    var nextTag: UInt8? { rest.first }

    /// `nil` at the end, and where the bytes are no DER.
    mutating func next() -> Element? {
        let whole = rest
        // Tags of more than one octet are in no certificate.
        guard let tag = rest.popFirst(), tag & 0x1F != 0x1F, let first = rest.popFirst() else { return nil }
        var length = Int(first)
        if first & 0x80 != 0 {
            let octets = Int(first & 0x7F)
            guard (1...4).contains(octets), rest.count >= octets else { return nil }
            length = rest.prefix(octets).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(octets)
        }
        guard rest.count >= length else { return nil }
        let content = rest.prefix(length)
        rest = rest.dropFirst(length)
        return Element(tag: tag, content: content, whole: whole[whole.startIndex..<content.endIndex])
    }

    mutating func next(_ tag: UInt8) -> Element? {
        guard nextTag == tag else { return nil }
        return next()
    }
}
