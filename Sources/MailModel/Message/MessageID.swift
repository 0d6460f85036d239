/// A message identifier (RFC 5322 §3.6.4) as it is compared: without angle brackets and white space.
///
/// The rules, in this order, so that a message keeps its identifier when a server renders it anew:
/// 1. Encoded words are decoded; an identifier must not hold any, but servers encode long ones.
/// 2. White space and line ends are removed everywhere.
/// 3. Where there is a `<`, what stands between it and the next `>` counts, so that comments around it do not.
///
/// Upper and lower case stay: identifiers that differ in case are different.
public struct MessageID: Hashable, Sendable, CustomStringConvertible {
    /// Never empty.
    public let text: String

    /// Reads the value of a Message-ID field; `nil` when nothing is left by the rules.
    public init?(field: some BidirectionalCollection<UInt8>) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(field.count)
        var isEncoded = false
        var previous: UInt8 = 0
        for byte in field {
            if previous == UInt8(ascii: "="), byte == UInt8(ascii: "?") { isEncoded = true }
            previous = byte
            if !byte.isBlankOrLineEnd { bytes.append(byte) }
        }
        if isEncoded { bytes = HeaderText.decode(field).utf8.filter { !$0.isBlankOrLineEnd } }
        let identifier = MessageID.betweenBrackets(bytes[...])
        guard !identifier.isEmpty else { return nil }
        text = String(decoding: identifier, as: UTF8.self)
    }

    public init?(_ text: String) { self.init(field: Array(text.utf8)) }

    /// As a field holds it: in angle brackets.
    public var description: String { "<\(text)>" }

    static func betweenBrackets(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let open = text.firstIndex(of: UInt8(ascii: "<")) else { return text }
        let inside = text[(open + 1)...]
        return inside[..<(inside.firstIndex(of: UInt8(ascii: ">")) ?? inside.endIndex)]
    }
}
