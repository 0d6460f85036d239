/// What a provider publishes of itself (OpenID Connect Discovery 1.0 §3, RFC 8414 §2), as far as it is used.
struct ProviderMetadata: Equatable, Sendable {
    /// Why a document is not taken.
    enum Unusable: Error, Equatable {
        /// It is no JSON object, or one without an issuer.
        case noMetadata
        /// It is of another issuer (RFC 8414 §3.3): as the document spells it, fit to be shown.
        case otherIssuer(String)
        /// An endpoint that is no https address, by the name of its member.
        case unsafe(String)
    }

    var tokenEndpoint: String?
    var authorizationEndpoint: String?
    /// RFC 8628 §4.
    var deviceAuthorizationEndpoint: String?
    /// RFC 7009, RFC 8414 §2.
    var revocationEndpoint: String?

    /// - Parameter issuer: whose document it must be, letter by letter.
    init(_ body: [UInt8], of issuer: String) throws(Unusable) {
        guard let json = JSONValue.parse(body), let named = json["issuer"]?.string else { throw .noMetadata }
        guard ProviderMetadata.isSame(named, issuer) else {
            throw .otherIssuer(ServerText(without: []).line(named) ?? "")
        }
        tokenEndpoint = try ProviderMetadata.endpoint("token_endpoint", json, of: issuer)
        authorizationEndpoint = try ProviderMetadata.endpoint("authorization_endpoint", json, of: issuer)
        deviceAuthorizationEndpoint = try ProviderMetadata.endpoint("device_authorization_endpoint", json, of: issuer)
        revocationEndpoint = try ProviderMetadata.endpoint("revocation_endpoint", json, of: issuer)
    }

    /// An issuer elsewhere has no business on this machine, whoever listens here: it would get the secrets.
    private static func endpoint(_ name: String, _ json: JSONValue, of issuer: String) throws(Unusable) -> String? {
        guard let text = json[name]?.string else { return nil }
        let isHere = issuer.lowercased().hasPrefix("http://")
        guard EndpointAddress.isSafe(text, loopback: isHere) else { throw .unsafe(name) }
        return text
    }

    /// Entra's documents for several tenants name the template `https://login.microsoftonline.com/{tenantid}/v2.0`: one piece of
    /// the path stands in its place.
    private static func isSame(_ named: String, _ issuer: String) -> Bool {
        if named == issuer { return true }
        guard let open = named.firstRange(of: "{tenantid}") else { return false }
        let (before, after) = (named[..<open.lowerBound], named[open.upperBound...])
        guard issuer.hasPrefix(before), issuer.hasSuffix(after),
            issuer.utf8.count > before.utf8.count + after.utf8.count
        else { return false }
        return !issuer.dropFirst(before.count).dropLast(after.count).contains("/")
    }

    /// Where an issuer's document may be: that of OpenID Connect first (§4 there), then RFC 8414 §3.1.
    static func addresses(of issuer: String) -> [String] {
        let issuer = issuer.hasSuffix("/") ? String(issuer.dropLast()) : issuer
        guard let scheme = issuer.firstRange(of: "://") else { return [] }
        let path = issuer[scheme.upperBound...].firstIndex(of: "/") ?? issuer.endIndex
        return [
            "\(issuer)/.well-known/openid-configuration",
            "\(issuer[..<path])/.well-known/oauth-authorization-server\(issuer[path...])",
        ]
    }
}
