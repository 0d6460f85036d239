import Crypto
import Diagnostics
import FoundationEssentials

/// What proves the client with its certificate instead of a secret: a JWT that is good for one request
/// (RFC 7523 §2.2, Microsoft's certificate-credentials).
struct ClientAssertion {
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// What Microsoft asks for, and what its examples and older services still use.
    static let algorithms = JSONWebToken.Algorithm.allCases

    private struct Header: Encodable {
        var alg: JSONWebToken.Algorithm
        let typ = "JWT"
        var x5t: String?
        var x5tS256: String?

        private enum CodingKeys: String, CodingKey {
            case alg, typ, x5t
            case x5tS256 = "x5t#S256"
        }
    }

    private struct Claims: Encodable {
        var aud: String
        var iss: String
        var sub: String
        var jti: String
        var nbf: Int64
        var iat: Int64
        var exp: Int64
    }

    let certificate: ClientCertificate
    let clientID: String
    /// The address of the token endpoint.
    let audience: String

    func signed(_ algorithm: JSONWebToken.Algorithm, at now: Timestamp) throws -> Secret {
        let header =
            switch algorithm {
            case .ps256:
                Header(alg: algorithm, x5tS256: Base64URL.encode(SHA256.hash(data: Data(certificate.der))))
            case .rs256:
                // The thumbprint only names the certificate; nothing rests on its strength.
                Header(alg: algorithm, x5t: Base64URL.encode(Insecure.SHA1.hash(data: Data(certificate.der))))
            }
        let claims = Claims(
            aud: audience, iss: clientID, sub: clientID, jti: UUID().uuidString, nbf: now.seconds, iat: now.seconds,
            exp: (now + Limits.clientAssertion).seconds)
        return try JSONWebToken.signed(header, claims, by: certificate.key, algorithm)
    }
}
