import Diagnostics
import FoundationEssentials

/// The blocks of a PEM file (RFC 7468).
struct PEM {
    private let lines: [Substring]

    /// Of a text longer than 256 KiB only the beginning is read: no key or certificate is as long.
    init(_ text: Secret) {
        let text = text.withBytes { String(decoding: $0.prefix(Limits.pemFile), as: UTF8.self) }
        lines = text.split(whereSeparator: \.isNewline)
    }

    /// The content of the first block with this label.
    func block(_ label: String) -> [UInt8]? {
        guard let start = lines.firstIndex(where: { PEM.trimmed($0) == "-----BEGIN \(label)-----" }) else {
            return nil
        }
        let rest = lines[(start + 1)...]
        guard let end = rest.firstIndex(where: { PEM.trimmed($0) == "-----END \(label)-----" }) else { return nil }
        return Data(base64Encoded: rest[..<end].map(PEM.trimmed).joined()).map { Array($0) }
    }

    /// Whether a key is encrypted as OpenSSL did it before PKCS #8 (RFC 1421 §4.6.1.1).
    var isEncryptedTraditionally: Bool { lines.contains { $0.hasPrefix("Proc-Type:") && $0.contains("ENCRYPTED") } }

    private static func trimmed(_ line: Substring) -> String {
        String(line.drop { $0 == " " }.reversed().drop { $0 == " " || $0 == "\r" }.reversed())
    }
}
