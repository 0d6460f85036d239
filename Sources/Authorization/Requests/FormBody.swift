import Diagnostics

/// The fields of a token request, in the order they are sent, as `application/x-www-form-urlencoded` (RFC 6749 appendix B).
///
/// Secrets stay secrets until the whole body is encoded, and the body is one again.
struct FormBody: Sendable {
    private(set) var names: [String] = []
    private var values: [Secret] = []
    /// The values that must never be seen; the others, such as the client id, may.
    private(set) var secrets: [Secret] = []

    mutating func append(_ name: String, _ value: String) {
        names.append(name)
        values.append(Secret(value))
    }

    mutating func append(_ name: String, secret: Secret) {
        names.append(name)
        values.append(secret)
        secrets.append(secret)
    }

    /// What was given as `name`, unless it is a secret.
    func text(_ name: String) -> String? {
        guard let index = names.firstIndex(of: name), !secrets.contains(values[index]) else { return nil }
        return values[index].reveal()
    }

    func encoded() -> Secret {
        var bytes: [UInt8] = []
        for (name, value) in zip(names, values) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: "&")) }
            bytes += FormBody.escape(Array(name.utf8))
            bytes.append(UInt8(ascii: "="))
            bytes += value.withBytes(FormBody.escape)
        }
        return Secret(bytes: bytes)
    }

    /// Escapes all but the unreserved characters of RFC 3986 §2.3; a space becomes `+`.
    static func escape(_ bytes: [UInt8]) -> [UInt8] {
        let digits = Array("0123456789ABCDEF".utf8)
        var escaped: [UInt8] = []
        escaped.reserveCapacity(bytes.count)
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.append(byte)
            case UInt8(ascii: " "):
                escaped.append(UInt8(ascii: "+"))
            default:
                escaped += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return escaped
    }
}
