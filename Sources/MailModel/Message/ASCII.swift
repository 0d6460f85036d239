/// The characters that the grammars of mail name (RFC 5234 appendix B.1, RFC 5322).
extension UInt8 {
    package static let tab: UInt8 = 0x09
    package static let lineFeed: UInt8 = 0x0A
    package static let carriageReturn: UInt8 = 0x0D
    package static let space: UInt8 = 0x20

    /// WSP: space or horizontal tab.
    package var isBlank: Bool { self == .space || self == .tab }
    /// WSP or part of a line end.
    package var isBlankOrLineEnd: Bool { isBlank || self == .carriageReturn || self == .lineFeed }
    package var isASCIIDigit: Bool { self &- 0x30 < 10 }
    package var isASCIILetter: Bool { (self | 0x20) &- 0x61 < 26 }
    /// The lower-case letter of an upper-case one, else itself.
    package var inASCIILowerCase: UInt8 { self &- 0x41 < 26 ? self | 0x20 : self }
    /// The value of a hexadecimal digit.
    package var hexadecimalValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x41...0x46: self - 0x41 + 10
        case 0x61...0x66: self - 0x61 + 10
        default: nil
        }
    }
}

extension Collection<UInt8> {
    /// Equal but for the case of ASCII letters.
    package func equalsIgnoringCase(_ text: StaticString) -> Bool {
        guard count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { other in
            zip(self, other).allSatisfy { $0.inASCIILowerCase == $1.inASCIILowerCase }
        }
    }
}

extension BidirectionalCollection<UInt8> where SubSequence: BidirectionalCollection<UInt8> {
    /// Without white space and line ends at both ends.
    package var trimmed: SubSequence {
        guard let first = firstIndex(where: { !$0.isBlankOrLineEnd }),
            let last = lastIndex(where: { !$0.isBlankOrLineEnd })
        else { return self[endIndex..<endIndex] }
        return self[first...last]
    }
}
