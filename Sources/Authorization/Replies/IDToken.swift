/// The claims of an ID token (OpenID Connect Core §2), as far as they are used.
struct IDToken: Sendable {
    var identity: SignedInIdentity
    var nonce: String?

    /// `nil` when `text` is no JWT whose claims can be read.
    init?(_ text: String) {
        guard text.utf8.count <= Limits.idToken else { return nil }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(parts[1]),
            let claims = JSONValue.parse(bytes), case .object = claims
        else { return nil }
        let text = { (name: String) -> String? in
            guard let value = claims[name]?.string, !value.isEmpty, value.utf8.count <= Limits.claim else {
                return nil
            }
            return value
        }
        identity = SignedInIdentity(
            subject: text("sub"), objectID: text("oid"), tenantID: text("tid"),
            preferredUsername: text("preferred_username") ?? text("upn"),
            email: IDToken.vouchesForEmail(claims) ? text("email") : nil)
        nonce = text("nonce")
    }

    /// At Entra `email` is whatever an administrator of any tenant wrote there, of a domain that need not be theirs: it says
    /// nothing about who signed in. Elsewhere it counts unless the provider says itself that it did not look (OpenID
    /// Connect Core §5.1), which some write as a string.
    private static func vouchesForEmail(_ claims: JSONValue) -> Bool {
        // Without the scope `profile` there is no `tid`, but always an issuer.
        if claims["tid"] != nil { return false }
        if let issuer = claims["iss"]?.string, issuers.contains(where: issuer.hasPrefix) { return false }
        return claims["email_verified"] != .boolean(false) && claims["email_verified"] != .string("false")
    }

    /// Of Entra's tokens, in all clouds and both versions.
    private static let issuers = [
        "https://login.microsoftonline.com/", "https://login.microsoftonline.us/",
        "https://login.partner.microsoftonline.cn/", "https://sts.windows.net/", "https://sts.chinacloudapi.cn/",
    ]
}
