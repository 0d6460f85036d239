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
            preferredUsername: text("preferred_username") ?? text("upn"), email: text("email"))
        nonce = text("nonce")
    }
}
