import Diagnostics

/// What a token endpoint granted (RFC 6749 §5.1).
struct TokenResponse: Sendable {
    var accessToken: Secret
    /// From the moment the reply arrived.
    var lifetime: Duration
    /// Microsoft's wish when to refresh, earlier than the lifetime's end.
    var refreshIn: Duration?
    /// A new one, which replaces the old (RFC 6749 §6); `nil`: the old one stays good.
    var refreshToken: Secret?
    /// How long the refresh token lives, where the provider says so (Google: `refresh_token_expires_in`).
    var refreshTokenLifetime: Duration?
    /// The scopes that were granted; empty when the reply names none.
    var scopes: [String]
    /// Who signed in; `nil` when the reply has no ID token, or one that cannot be read.
    var identity: SignedInIdentity?
    /// That of the sign-in the ID token belongs to.
    var nonce: String?

    /// `nil` when `json` grants no token that can be used at a mail server.
    init?(_ json: JSONValue) {
        guard let access = json["access_token"]?.string, TokenResponse.isUsable(access, Limits.accessToken) else {
            return nil
        }
        if let type = json["token_type"]?.string, type.lowercased() != "bearer" { return nil }
        accessToken = Secret(access)
        lifetime = TokenResponse.duration(json["expires_in"]) ?? Limits.assumedLifetime
        refreshIn = TokenResponse.duration(json["refresh_in"])
        if let refresh = json["refresh_token"]?.string, TokenResponse.isUsable(refresh, Limits.refreshToken) {
            refreshToken = Secret(refresh)
        }
        refreshTokenLifetime = TokenResponse.duration(json["refresh_token_expires_in"])
        scopes = (json["scope"]?.string ?? "").split(separator: " ").prefix(Limits.scopes).map(String.init)
        let idToken = json["id_token"]?.string.flatMap(IDToken.init)
        identity = idToken?.identity
        nonce = idToken?.nonce
    }

    /// VSCHAR (RFC 6749 appendix A.12, A.17) and no space: a control character would break out of the SASL message.
    private static func isUsable(_ token: String, _ limit: Int) -> Bool {
        !token.isEmpty && token.utf8.count <= limit && token.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    private static func duration(_ value: JSONValue?) -> Duration? {
        // Zero and less are used for "no limit" and "unknown".
        guard let seconds = value?.integer, seconds > 0 else { return nil }
        return .seconds(min(seconds, Limits.longestLifetime.components.seconds))
    }
}
