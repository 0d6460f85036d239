/// Reads the strings and numbers of one JSON object (RFC 8259), skipping nested values: all a server's OAuth error needs.
struct FlatJSON {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The members whose values are strings, numbers or `true`/`false`, as text; `nil` when this is not one whole object.
    mutating func object() -> [String: String]? {
        guard takes("{") else { return nil }
        var members: [String: String] = [:]
        if takes("}") { return isFinished ? members : nil }
        repeat {
            guard let name = string(), takes(":"), let value = value() else { return nil }
            if case .scalar(let text) = value { members[name] = text }
        } while takes(",")
        return takes("}") && isFinished ? members : nil
    }

    private enum Value {
        case scalar(String)
        case skipped
    }

    private mutating func value() -> Value? {
        skipSpace()
        switch current {
        case UInt8(ascii: "\""): return string().map(Value.scalar)
        case UInt8(ascii: "{"), UInt8(ascii: "["): return skipNested() ? .skipped : nil
        default: return word().map(Value.scalar)
        }
    }

    private mutating func word() -> String? {
        let start = position
        while let byte = current, FlatJSON.isWord(byte) { position += 1 }
        return start == position ? nil : bytes[start..<position].prefix(SASLLimits.errorValue).text
    }

    private mutating func skipNested() -> Bool {
        var depth = 0
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                guard string() != nil else { return false }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            default: break
            }
            position += 1
            if depth == 0 { return true }
            if depth > SASLLimits.errorNesting { return false }
        }
        return false
    }

    private mutating func string() -> String? {
        guard takes("\"") else { return nil }
        var text: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return text.prefix(SASLLimits.errorValue).text
            case UInt8(ascii: "\\"):
                guard let escaped = escape() else { return nil }
                text += escaped
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> [UInt8]? {
        guard let byte = current else { return nil }
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "u"):
            guard position + 4 <= bytes.count else { return nil }
            let digits = bytes[position..<position + 4].text
            position += 4
            // Half of a surrogate pair shows as U+FFFD: these values are only ever shown.
            return UInt32(digits, radix: 16).map { Array(String(Unicode.Scalar($0) ?? "\u{FFFD}").utf8) }
        default: return [byte]
        }
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private var isFinished: Bool {
        mutating get {
            skipSpace()
            return position == bytes.count
        }
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
