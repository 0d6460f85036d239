import Crypto
import CryptoExtras
import Diagnostics
import FoundationEssentials

/// An RSA key of 2048 bits or more with which assertions are signed.
struct SigningKey: Sendable {
    enum Unusable: Error, Equatable {
        /// With a passphrase, which nobody is there to type.
        case encrypted
        /// No private key in PEM.
        case missing
        /// A key of another kind, a shorter one, or a damaged one.
        case notRSA
    }

    private let key: _RSA.Signing.PrivateKey

    /// - Parameter text: in PEM, PKCS #8 (RFC 5208 §5) or PKCS #1 (RFC 8017 §A.1.2).
    init(_ text: Secret) throws(Unusable) {
        let pem = PEM(text)
        if pem.block("ENCRYPTED PRIVATE KEY") != nil || pem.isEncryptedTraditionally { throw .encrypted }
        if pem.block("EC PRIVATE KEY") != nil { throw .notRSA }
        guard let der = pem.block("PRIVATE KEY") ?? pem.block("RSA PRIVATE KEY") else { throw .missing }
        guard let key = try? _RSA.Signing.PrivateKey(derRepresentation: der) else { throw .notRSA }
        self.key = key
    }

    /// Whether it is the private half of `publicKey`.
    func belongs(to publicKey: _RSA.Signing.PublicKey) -> Bool {
        key.publicKey.derRepresentation == publicKey.derRepresentation
    }

    func signature(_ text: String, _ algorithm: JSONWebToken.Algorithm) throws -> [UInt8] {
        let digest = SHA256.hash(data: Data(text.utf8))
        let padding: _RSA.Signing.Padding = algorithm == .ps256 ? .PSS : .insecurePKCS1v1_5
        return Array(try key.signature(for: digest, padding: padding).rawRepresentation)
    }
}
