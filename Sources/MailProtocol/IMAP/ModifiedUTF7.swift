import MailModel

/// The encoding of mailbox names: printable ASCII stands for itself, anything else is UTF-16 in a base64 of its own
/// between `&` and `-` (RFC 3501 §5.1.3).
enum ModifiedUTF7 {
    static func encode(_ text: String) -> [UInt8] {
        var encoded: [UInt8] = []
        var shifted: [UInt16] = []
        for unit in text.utf16 {
            guard (0x20...0x7E).contains(unit) else {
                shifted.append(unit)
                continue
            }
            append(&shifted, to: &encoded)
            encoded.append(UInt8(unit))
            if unit == ampersand { encoded.append(UInt8(ascii: "-")) }
        }
        append(&shifted, to: &encoded)
        return encoded
    }

    /// `nil` for what no encoder writes: bad base64, half a surrogate pair, characters that must be shifted and are not.
    static func decode(_ bytes: [UInt8]) -> String? {
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            guard (0x20...0x7E).contains(byte) else { return nil }
            guard byte == ampersand else {
                units.append(UInt16(byte))
                continue
            }
            guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "-")) else { return nil }
            if end == position {
                units.append(ampersand)
            } else {
                guard let shifted = unshift(bytes[position..<end]) else { return nil }
                units += shifted
            }
            position = end + 1
        }
        return String(validating: units, as: UTF16.self)
    }

    private static func append(_ shifted: inout [UInt16], to encoded: inout [UInt8]) {
        guard !shifted.isEmpty else { return }
        let octets = shifted.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        encoded.append(UInt8(ampersand))
        encoded += Base64.encode(octets).filter { $0 != UInt8(ascii: "=") }.map { $0 == slash ? comma : $0 }
        encoded.append(UInt8(ascii: "-"))
        shifted.removeAll()
    }

    private static func unshift(_ text: ArraySlice<UInt8>) -> [UInt16]? {
        guard !text.contains(slash), !text.contains(UInt8(ascii: "=")) else { return nil }
        let padding = [UInt8](repeating: UInt8(ascii: "="), count: (4 - text.count % 4) % 4)
        let octets = Base64.decode(text.map { $0 == comma ? slash : $0 } + padding)
        guard let octets, octets.count.isMultiple(of: 2) else { return nil }
        return stride(from: 0, to: octets.count, by: 2).map { UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1]) }
    }

    private static let ampersand = UInt16(UInt8(ascii: "&"))
    private static let slash = UInt8(ascii: "/")
    private static let comma = UInt8(ascii: ",")
}
