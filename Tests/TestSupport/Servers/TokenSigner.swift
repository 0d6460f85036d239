import Crypto
import Diagnostics
import Foundation

/// Signs access and identity tokens as JSON Web Tokens with ES256 (RFC 7519, RFC 7518 §3.4).
///
/// The authorization server signs with it and Dovecot checks with its public key.
public struct TokenSigner: Sendable {
    /// The key's id, which Dovecot takes as a file name.
    public let keyIdentifier: String
    private let key: P256.Signing.PrivateKey

    public init(keyIdentifier: String = "signing-key") {
        self.keyIdentifier = keyIdentifier
        key = P256.Signing.PrivateKey()
    }

    public var publicKey: String { key.publicKey.pemRepresentation }

    /// A token with these claims, as they are.
    public func sign(_ claims: [String: JSONValue]) throws -> String {
        let header: JSONValue = ["alg": "ES256", "typ": "JWT", "kid": .text(keyIdentifier)]
        let content = base64URL(Data(header.bytes)) + "." + base64URL(Data(JSONValue.object(claims).bytes))
        return try content + "." + base64URL(key.signature(for: Data(content.utf8)).rawRepresentation)
    }

    /// Whether `token` has this signer's signature, is valid at that moment and was given to `user` or to an app.
    public func accepts(_ token: String, of user: String, at moment: Timestamp) -> Bool {
        let parts = token.split(separator: ".").map(String.init)
        guard parts.count == 3, let raw = Self.decoded(parts[2]), let claims = Self.decoded(parts[1]),
            let signature = try? P256.Signing.ECDSASignature(rawRepresentation: raw),
            key.publicKey.isValidSignature(signature, for: Data("\(parts[0]).\(parts[1])".utf8)),
            let members = try? JSONSerialization.jsonObject(with: claims) as? [String: Any],
            let expires = members["exp"] as? Int64
        else { return false }
        let isForUser = (members["upn"] as? String)?.lowercased() == user.lowercased()
        return moment.seconds < expires && (isForUser || members["idtyp"] as? String == "app")
    }

    private static func decoded(_ text: String) -> Data? {
        let standard = text.replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: standard + String(repeating: "=", count: (4 - standard.count % 4) % 4))
    }

    private func base64URL(_ data: Data) -> String {
        String(
            data.base64EncodedString().compactMap { character in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            })
    }
}
