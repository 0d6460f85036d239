/// Base 64 as SASL uses it: the standard alphabet, padded, without line breaks (RFC 4648 §4).
public enum Base64 {
    public static func encode(_ octets: some Collection<UInt8>) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.reserveCapacity((octets.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for octet in octets {
            group = group << 8 | UInt32(octet)
            held += 1
            guard held == 3 else { continue }
            append(group, digits: 4, to: &encoded)
            group = 0
            held = 0
        }
        switch held {
        case 1:
            append(group << 16, digits: 2, to: &encoded)
            encoded += [pad, pad]
        case 2:
            append(group << 8, digits: 3, to: &encoded)
            encoded.append(pad)
        default: break
        }
        return encoded
    }

    /// `nil` for anything but the one canonical form: no other characters, whole groups, zero bits behind the end
    /// (RFC 4648 §3.3, §3.5).
    public static func decode(_ text: some RandomAccessCollection<UInt8>) -> [UInt8]? {
        guard text.count.isMultiple(of: 4) else { return nil }
        let padding = text.suffix(2).reversed().prefix { $0 == pad }.count
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var held = 0
        for character in text.dropLast(padding) {
            let value = values[Int(character)]
            guard value != invalid else { return nil }
            group = group << 6 | UInt32(value)
            held += 1
            guard held == 4 else { continue }
            decoded.append(UInt8(truncatingIfNeeded: group >> 16))
            decoded.append(UInt8(truncatingIfNeeded: group >> 8))
            decoded.append(UInt8(truncatingIfNeeded: group))
            group = 0
            held = 0
        }
        return finish(decoded, group: group, held: held)
    }

    private static func finish(_ decoded: [UInt8], group: UInt32, held: Int) -> [UInt8]? {
        switch held {
        case 0: decoded
        case 2 where group & 0xF == 0: decoded + [UInt8(group >> 4)]
        case 3 where group & 0x3 == 0: decoded + [UInt8(group >> 10), UInt8(truncatingIfNeeded: group >> 2)]
        default: nil
        }
    }

    private static func append(_ group: UInt32, digits: Int, to encoded: inout [UInt8]) {
        for index in 0..<digits { encoded.append(alphabet[Int(group >> (18 - 6 * UInt32(index)) & 63)]) }
    }

    private static let pad = UInt8(ascii: "=")
    private static let invalid: UInt8 = 255
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()
}
