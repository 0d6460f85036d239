/// Base 64 with the standard alphabet (RFC 4648 §4): in SASL, and in the encoded words of header fields.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each byte; 64 for what is not in the alphabet.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()

    /// With padding, on one line.
    public static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.underestimatedCount + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 1
            guard count == 3 else { continue }
            for shift in [18, 12, 6, 0] as [UInt32] { text.append(alphabet[Int(bits >> shift & 63)]) }
            bits = 0
            count = 0
        }
        guard count > 0 else { return text }
        bits <<= UInt32(24 - 8 * count)
        for index in 0..<4 {
            text.append(index <= count ? alphabet[Int(bits >> UInt32(18 - 6 * index) & 63)] : UInt8(ascii: "="))
        }
        return text
    }

    /// `nil` for anything but the one canonical form: no other characters, whole groups, zero bits behind the end
    /// (RFC 4648 §3.3, §3.5).
    public static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        decodeTolerantly(text).flatMap { encode($0).elementsEqual(text) ? $0 : nil }
    }

    /// As mail programs write it in encoded words (RFC 2047 §4.1): `nil` when a byte is neither in the alphabet nor white
    /// space, or a lone sixth of a byte is left. Padding may be missing, and what follows it is not read.
    static func decodeTolerantly(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.underestimatedCount / 4 * 3)
        var bits: UInt32 = 0
        var count = 0
        for byte in text {
            if byte == UInt8(ascii: "=") { break }
            if byte.isBlankOrLineEnd { continue }
            let value = values[Int(byte)]
            guard value < 64 else { return nil }
            bits = bits << 6 | UInt32(value)
            count += 1
            guard count == 4 else { continue }
            bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
            bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
            bytes.append(UInt8(truncatingIfNeeded: bits))
            bits = 0
            count = 0
        }
        switch count {
        case 0: return bytes
        case 2: return bytes + [UInt8(truncatingIfNeeded: bits >> 4)]
        case 3: return bytes + [UInt8(truncatingIfNeeded: bits >> 10), UInt8(truncatingIfNeeded: bits >> 2)]
        default: return nil
        }
    }
}
