import Diagnostics
import FoundationEssentials

/// Writes a signed JSON Web Token (RFC 7519 §7.1, RFC 7515 §7.1).
enum JSONWebToken {
    enum Algorithm: String, CaseIterable, Encodable {
        /// RSASSA-PSS with SHA-256 (RFC 7518 §3.5).
        case ps256 = "PS256"
        /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
        case rs256 = "RS256"
    }

    /// - Parameter header: names the same algorithm.
    static func signed(
        _ header: some Encodable, _ claims: some Encodable, by key: SigningKey, _ algorithm: Algorithm
    ) throws -> Secret {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text =
            Base64URL.encode(try encoder.encode(header)) + "." + Base64URL.encode(try encoder.encode(claims))
        return Secret(text + "." + Base64URL.encode(try key.signature(text, algorithm)))
    }
}
