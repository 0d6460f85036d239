extension Collection<UInt8> {
    /// Two lower-case digits a byte.
    public var hexadecimal: String {
        String(unsafeUninitializedCapacity: count * 2) { text in
            for (index, byte) in enumerated() {
                text[2 * index] = (byte >> 4).hexadecimalDigit
                text[2 * index + 1] = (byte & 15).hexadecimalDigit
            }
            return count * 2
        }
    }
}

extension UInt8 {
    /// Of a number below 16.
    fileprivate var hexadecimalDigit: UInt8 { self < 10 ? UInt8(ascii: "0") + self : UInt8(ascii: "a") - 10 + self }
}

extension [UInt8] {
    /// `nil` unless `text` is an even number of hexadecimal digits.
    public init?(hexadecimal text: String) {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2), digits.allSatisfy({ $0 != nil }) else { return nil }
        self = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0]! << 4 | digits[$0 + 1]!) }
    }
}
