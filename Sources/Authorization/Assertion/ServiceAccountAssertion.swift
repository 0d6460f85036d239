import Diagnostics

/// What a service account signs to act for one user of its Workspace: the grant itself (RFC 7523 §2.1).
struct ServiceAccountAssertion {
    static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"

    private struct Header: Encodable {
        let alg = JSONWebToken.Algorithm.rs256
        let typ = "JWT"
        var kid: String
    }

    private struct Claims: Encodable {
        var iss: String
        var scope: String?
        var aud: String
        var sub: String
        var iat: Int64
        var exp: Int64
    }

    let account: ServiceAccountKey
    /// The address of the user whose mailbox is opened.
    let user: String
    let scopes: [String]
    /// Where it is sent.
    let audience: String

    func signed(at now: Timestamp) throws -> Secret {
        let claims = Claims(
            iss: account.clientEmail, scope: scopes.isEmpty ? nil : scopes.joined(separator: " "), aud: audience,
            sub: user, iat: now.seconds, exp: (now + Limits.serviceAccountAssertion).seconds)
        return try JSONWebToken.signed(Header(kid: account.keyID), claims, by: account.key, .rs256)
    }
}
