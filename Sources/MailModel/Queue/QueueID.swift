import Diagnostics

/// The name of a message in the outbound queue: 14 characters that sort by time and are not mistaken for one another
/// (Crockford's base 32: no I, L, O, U).
///
/// 42 bits of milliseconds since 1970, which last until 2109, and 28 random bits.
public struct QueueID: Hashable, Comparable, Sendable, CustomStringConvertible {
    private static let length = 14
    private static let randomBits: UInt64 = 28
    private static let digits = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

    /// As it is shown and stored.
    public let description: String

    public init(at moment: Timestamp, using generator: inout some RandomNumberGenerator) {
        let milliseconds = UInt64(clamping: moment.milliseconds) & (1 << 42 - 1)
        let random = generator.next() & (1 << QueueID.randomBits - 1)
        // 70 bits: the upper 42 in two parts, so that every step fits 64.
        var text: [UInt8] = []
        for place in stride(from: 65, through: 0, by: -5) {
            text.append(QueueID.digits[QueueID.digit(milliseconds, random, at: place)])
        }
        description = String(decoding: text, as: UTF8.self)
    }

    /// Reads an id as a person types it: in either case, with `O` for zero, `I` or `L` for one, dashes left out.
    public init?(_ text: String) {
        var digits: [UInt8] = []
        for byte in text.uppercased().utf8 where byte != UInt8(ascii: "-") {
            switch byte {
            case UInt8(ascii: "O"): digits.append(UInt8(ascii: "0"))
            case UInt8(ascii: "I"), UInt8(ascii: "L"): digits.append(UInt8(ascii: "1"))
            case _ where QueueID.digits.contains(byte): digits.append(byte)
            default: return nil
            }
        }
        guard digits.count == QueueID.length else { return nil }
        description = String(decoding: digits, as: UTF8.self)
    }

    public static func < (left: QueueID, right: QueueID) -> Bool { left.description < right.description }

    /// The five bits that begin at bit `place` of milliseconds and random bits written one after the other.
    private static func digit(_ milliseconds: UInt64, _ random: UInt64, at place: Int) -> Int {
        let border = Int(randomBits)
        if place >= border { return Int(milliseconds >> UInt64(place - border) & 31) }
        let low = random >> UInt64(place)
        let high = milliseconds << UInt64(border - place)
        return Int((low | high) & 31)
    }
}
