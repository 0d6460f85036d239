import Crypto
import CryptoExtras
import Diagnostics
import Foundation
import NIOSSL

/// Whether Google gives a token for a service account's assertion (RFC 7523 §3), with the refusals of its error table:
/// https://developers.google.com/identity/protocols/oauth2/service-account#error-codes
struct ServiceAccountCheck: Sendable {
    static let grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"

    let accounts: [RegisteredServiceAccount]
    /// The address of the endpoint the assertion was sent to.
    let audience: String
    let now: Timestamp

    /// - Returns: who is acted for, and with which scopes.
    func run(_ assertion: String) throws(EntraError) -> (user: String, scope: String) {
        guard let token = SignedText(assertion) else { throw .badAssertion("Bad Request") }
        guard let account = accounts.first(where: { $0.email == token.claims["iss"] as? String }) else {
            throw .badAssertion("Invalid grant: account not found")
        }
        guard token.header["alg"] as? String == "RS256", token.header["kid"] as? String == account.keyID,
            token.isSigned(by: account.certificate)
        else { throw .badAssertion("Invalid JWT Signature.") }
        guard token.claims["aud"] as? String == audience else {
            throw .badAssertion("Invalid JWT: Failed audience check. The right audience is \(audience)")
        }
        try checkTimes(token)
        guard let scope = token.claims["scope"] as? String, !scope.isEmpty else {
            throw EntraError(0, "invalid_scope", "Invalid OAuth scope or ID token audience provided.")
        }
        // Without it a token of the service account itself, which has no mailbox.
        guard let user = token.claims["sub"] as? String else { return (account.email, scope) }
        guard user.contains("@") else {
            throw EntraError(0, "invalid_request", "Invalid impersonation &quot;sub&quot; field: \(user)")
        }
        let isDelegated = Set(scope.split(separator: " ").map(String.init)).isSubset(of: account.delegatedScopes)
        guard isDelegated, user.lowercased().hasSuffix("@\(account.domain)") else { throw .notDelegated }
        guard account.users.contains(user.lowercased()) else { throw .badAssertion("Invalid email or User ID") }
        return (user, scope)
    }

    private func checkTimes(_ token: SignedText) throws(EntraError) {
        let moment = { (name: String) in (token.claims[name] as? NSNumber)?.int64Value }
        guard let issued = moment("iat"), let ends = moment("exp"), issued <= now.seconds + 300, now.seconds < ends,
            ends - issued <= 3600
        else {
            throw .badAssertion(
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat "
                    + "and exp values in the JWT claim.")
        }
    }

    /// Whom an assertion says it acts for, good or not.
    static func user(of assertion: String) -> String? { SignedText(assertion)?.claims["sub"] as? String }
}

/// A JSON Web Token whose signature nobody has looked at yet.
private struct SignedText {
    let header: [String: Any]
    let claims: [String: Any]
    private let signed: String
    private let signature: Data

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.members(parts[0]), let claims = Self.members(parts[1]),
            let signature = Self.bytes(parts[2])
        else { return nil }
        (self.header, self.claims, self.signature) = (header, claims, signature)
        signed = "\(parts[0]).\(parts[1])"
    }

    /// RS256.
    func isSigned(by certificate: String) -> Bool {
        guard let certificate = try? NIOSSLCertificate(bytes: Array(certificate.utf8), format: .pem),
            let spki = try? certificate.extractPublicKey().toSPKIBytes(),
            let key = try? _RSA.Signing.PublicKey(derRepresentation: spki)
        else { return false }
        return key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature), for: SHA256.hash(data: Data(signed.utf8)),
            padding: .insecurePKCS1v1_5)
    }

    private static func members(_ part: Substring) -> [String: Any]? {
        bytes(part).flatMap { try? JSONSerialization.jsonObject(with: $0) as? [String: Any] }
    }

    private static func bytes(_ part: Substring) -> Data? {
        let base64 = String(part).replacing("-", with: "+").replacing("_", with: "/")
        return Data(base64Encoded: base64 + String(repeating: "=", count: (4 - base64.count % 4) % 4))
    }
}

/// What Google says to an assertion.
extension EntraError {
    static func badAssertion(_ text: String) -> EntraError { EntraError(0, "invalid_grant", text) }
    static let notDelegated = EntraError(
        0, "unauthorized_client",
        "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the "
            + "scopes requested.", status: 401)
}
