import Crypto
import CryptoExtras
import Diagnostics
import Foundation
import NIOSSL

/// Whether a client assertion (RFC 7523 §3) proves a client whose certificate is registered.
struct ClientAssertionCheck: Sendable {
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    let client: RegisteredClient
    /// The address of the endpoint the assertion was sent to.
    let audience: String
    /// `PS256`, `RS256`.
    let algorithms: Set<String>
    let now: Timestamp

    /// - Returns: the assertion's id, which no later one may have.
    func run(_ assertion: String) throws(EntraError) -> String {
        let parts = assertion.split(separator: ".", omittingEmptySubsequences: false)
        guard let registered = client.certificate,
            let certificate = try? NIOSSLCertificate(bytes: Array(registered.utf8), format: .pem),
            let der = try? certificate.toDERBytes(), let spki = try? certificate.extractPublicKey().toSPKIBytes(),
            let key = try? _RSA.Signing.PublicKey(derRepresentation: spki), parts.count == 3,
            let header = Self.members(parts[0]), let claims = Self.members(parts[1]),
            let signature = Self.bytes(parts[2]), let algorithm = header["alg"] as? String,
            algorithms.contains(algorithm), header["typ"] as? String == "JWT"
        else { throw .assertionWrong }
        let isPSS = algorithm == "PS256"
        let thumbprint =
            isPSS
            ? Self.text(Data(SHA256.hash(data: der))) : Self.text(Data(Insecure.SHA1.hash(data: der)))
        let signed = SHA256.hash(data: Data("\(parts[0]).\(parts[1])".utf8))
        guard header[isPSS ? "x5t#S256" : "x5t"] as? String == thumbprint,
            key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature), for: signed,
                padding: isPSS ? .PSS : .insecurePKCS1v1_5)
        else { throw .assertionWrong }
        let moment = { (name: String) in (claims[name] as? NSNumber)?.int64Value }
        guard claims["aud"] as? String == audience, claims["iss"] as? String == client.identifier,
            claims["sub"] as? String == client.identifier, let id = claims["jti"] as? String, id.count >= 32,
            let begin = moment("nbf"), let end = moment("exp"), moment("iat") != nil
        else { throw .assertionWrong }
        guard begin <= now.seconds + 300, now.seconds < end, end - begin <= 600 else { throw .assertionTime }
        return id
    }

    private static func members(_ part: Substring) -> [String: Any]? {
        bytes(part).flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
    }

    private static func bytes(_ part: Substring) -> Data? {
        let base64 = String(part).replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: base64 + String(repeating: "=", count: (4 - base64.count % 4) % 4))
    }

    private static func text(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }
}
