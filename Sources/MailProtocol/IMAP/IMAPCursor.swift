/// Reads the tokens of IMAP's grammar (RFC 3501 §9) from octets that are all there, literals included.
///
/// Never traps: what is not as the grammar wants is `nil`, and the position is then of no further use.
struct IMAPCursor {
    let bytes: [UInt8]
    private(set) var position: Int
    /// Behind the last octet that may be read; never behind `bytes`.
    let end: Int

    init(_ bytes: [UInt8], from start: Int = 0, to end: Int? = nil) {
        self.bytes = bytes
        self.end = min(end ?? bytes.count, bytes.count)
        position = max(0, min(start, self.end))
    }

    var isAtEnd: Bool { position >= end }
    var current: UInt8? { position < end ? bytes[position] : nil }
    var rest: ArraySlice<UInt8> { bytes[position..<end] }

    mutating func skip() { position = min(position + 1, end) }

    /// Servers send more spaces than the grammar has, so that runs of them are one.
    mutating func skipSpaces() {
        while position < end, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    }

    mutating func takes(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Octets up to a space, a parenthesis, a bracket or the end; may be empty.
    mutating func word() -> Range<Int> {
        let start = position
        while position < end, !IMAPCursor.endsWord(bytes[position]) { position += 1 }
        return start..<position
    }

    /// An atom as lenient as servers need it: up to a space or parenthesis; `nil` if empty.
    mutating func atom() -> ArraySlice<UInt8>? {
        let start = position
        while position < end, !IMAPCursor.endsAtom(bytes[position]) { position += 1 }
        return start == position ? nil : bytes[start..<position]
    }

    /// Digits; `nil` if there are none or they exceed 64 bits.
    mutating func number() -> UInt64? {
        var value: UInt64 = 0
        let start = position
        while position < end, case let digit = bytes[position] &- 0x30, digit < 10 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
            guard !overflow, !carry else { return nil }
            value = sum
            position += 1
        }
        return start == position ? nil : value
    }

    mutating func number32() -> UInt32? { number().flatMap { UInt32(exactly: $0) } }

    /// A quoted string or a literal.
    mutating func string() -> [UInt8]? {
        if current == UInt8(ascii: "\"") { return quoted() }
        guard let count = literalHeader() else { return nil }
        return octets(count)
    }

    /// The next `count` octets, whatever they are.
    mutating func octets(_ count: Int) -> [UInt8]? {
        guard count <= end - position else { return nil }
        defer { position += count }
        return Array(bytes[position..<position + count])
    }

    /// An atom, a quoted string or a literal.
    mutating func astring() -> [UInt8]? {
        switch current {
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "~"): string()
        default: atom().map(Array.init)
        }
    }

    /// What stands before the next `]`, in upper case, and steps behind that; `nil` where a string is part of it.
    mutating func plainSection() -> String? {
        let start = position
        var isUpperCase = true
        while position < end, bytes[position] != UInt8(ascii: "]") {
            let byte = bytes[position]
            guard byte != UInt8(ascii: "\""), byte != UInt8(ascii: "{") else { break }
            if IMAPCursor.uppercased(byte) != byte { isUpperCase = false }
            position += 1
        }
        let name = start..<position
        guard takes("]") else {
            position = start
            return nil
        }
        return isUpperCase ? String(decoding: bytes[name], as: UTF8.self) : keyword(name)
    }

    mutating func takesNil() -> Bool {
        guard matches(position..<min(position + 3, end), "NIL") else { return false }
        position += 3
        return true
    }

    /// `{12}`, `{12+}` or `~{12}` with its line end: how many octets follow. Only where they are all here or about to come.
    mutating func literalHeader() -> Int? {
        _ = takes("~")
        guard takes("{"), let octets = number(), octets <= UInt64(Int.max) else { return nil }
        _ = takes("+")
        guard takes("}") else { return nil }
        if isAtEnd { return Int(octets) }
        _ = takes("\r")
        return takes("\n") ? Int(octets) : nil
    }

    private mutating func quoted() -> [UInt8]? {
        position += 1
        var text: [UInt8] = []
        while position < end {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"):
                guard let escaped = current else { return nil }
                position += 1
                text.append(escaped)
            default: text.append(byte)
            }
        }
        return nil
    }

    /// Whether the octets are `keyword`, in any case.
    func matches(_ range: Range<Int>, _ keyword: StaticString) -> Bool {
        guard range.count == keyword.utf8CodeUnitCount else { return false }
        return keyword.withUTF8Buffer { letters in
            for (offset, letter) in letters.enumerated()
            where IMAPCursor.uppercased(bytes[range.lowerBound + offset]) != IMAPCursor.uppercased(letter) {
                return false
            }
            return true
        }
    }

    /// The octets in upper case, as text.
    func keyword(_ range: Range<Int>) -> String {
        String(decoding: bytes[range].map(IMAPCursor.uppercased), as: UTF8.self)
    }

    static func uppercased(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte - 0x20 : byte }

    private static func endsAtom(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x28 || byte == 0x29 }

    private static func endsWord(_ byte: UInt8) -> Bool { endsAtom(byte) || byte == 0x5B || byte == 0x5D }
}

extension IMAPCursor {
    /// What became of a value that nobody wants.
    enum Skipped { case whole, malformed, tooDeep }

    /// Steps over one value, whatever its structure: an atom, a string, or a list of these.
    mutating func skipValue(nesting: Int) -> Skipped {
        var depth = 0
        repeat {
            skipSpaces()
            switch current {
            case nil: return .malformed
            case UInt8(ascii: "("):
                depth += 1
                guard depth <= nesting else { return .tooDeep }
                skip()
            case UInt8(ascii: ")"):
                // The end of the list around it: the value is missing.
                guard depth > 0 else { return .whole }
                depth -= 1
                skip()
            case UInt8(ascii: "\""), UInt8(ascii: "{"):
                guard string() != nil else { return .malformed }
            case UInt8(ascii: "~") where position + 1 < end && bytes[position + 1] == UInt8(ascii: "{"):
                guard string() != nil else { return .malformed }
            default:
                guard atom() != nil else { return .malformed }
            }
        } while depth > 0
        return .whole
    }
}
