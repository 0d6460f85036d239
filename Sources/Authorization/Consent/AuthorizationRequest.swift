import Crypto
import Diagnostics
import MailModel

/// A sign-in in a browser that was begun (RFC 6749 §4.1.1): where the person goes, and what must come back.
///
/// Good for one answer. What proves that the answer belongs to it never leaves the daemon, except for `state` and the
/// digest of the verifier, which are in `url`.
public struct AuthorizationRequest: Sendable {
    /// For the person's browser.
    public let url: String
    /// Where the browser goes afterwards, as the code must be redeemed with it (RFC 6749 §4.1.3).
    public let redirectURI: String
    /// An answer that comes later is none: a provider's code lives about as long.
    public let expires: Timestamp

    let provider: Provider
    let authorizedAs: String
    /// How the answer gets back.
    let wayBack: TokenKeeper.WayBack
    let state: Secret
    /// Comes back in the ID token (OpenID Connect Core §3.1.2.1).
    let nonce: Secret
    /// RFC 7636 §4.1.
    let verifier: Secret

    /// - Parameters:
    ///   - authorizeURL: of the provider, as the configuration or its issuer says.
    ///   - scopes: what the person is asked to allow.
    ///   - claims: a challenge with which the provider refused an earlier token.
    init(
        _ provider: Provider, at authorizeURL: String?, authorizedAs: String, backBy wayBack: TokenKeeper.WayBack,
        redirectURI: String, scopes: [String], claims: String?, now: Timestamp
    ) throws {
        guard let authorizeURL else {
            throw provider.misconfigured(
                TokenRequest.Kind.authorize.rawValue,
                "Provider \(provider.name) has no authorize_url: write it into the configuration.")
        }
        guard let clientID = provider.clientID, !clientID.isEmpty else {
            throw provider.misconfigured(
                TokenRequest.Kind.authorize.rawValue,
                "Provider \(provider.name) has no client_id: write the app registration's id into it.")
        }
        self.provider = provider
        self.authorizedAs = authorizedAs
        self.wayBack = wayBack
        self.redirectURI = redirectURI
        expires = now + Limits.browserSignIn
        state = .random()
        nonce = .random()
        verifier = .random()
        var query = FormBody()
        query.append("client_id", clientID)
        query.append("response_type", "code")
        query.append("redirect_uri", redirectURI)
        query.append("scope", scopes.joined(separator: " "))
        query.append("state", state.reveal())
        if scopes.contains("openid") { query.append("nonce", nonce.reveal()) }
        query.append("code_challenge", Base64URL.encode(verifier.withBytes { SHA256.hash(data: $0) }))
        query.append("code_challenge_method", "S256")
        if let claims { query.append("claims", claims) }
        let given = AuthorizationRequest.names(inQueryOf: authorizeURL)
        for (name, value) in AuthorizationRequest.wishes(provider, authorizedAs) where !given.contains(name) {
            query.append(name, value)
        }
        url = authorizeURL + (authorizeURL.contains("?") ? "&" : "?") + query.encoded().reveal()
    }

    /// Whether it was made for this sign-in.
    public func isOf(_ signIn: SignInSettings) -> Bool {
        signIn.provider == provider.name && signIn.authorizedAs == authorizedAs
    }

    /// Whether an answer with this `state` belongs to it (RFC 6749 §10.12).
    public func isAnswered(withState other: Secret) -> Bool { other == state }

    /// What the configuration may write otherwise, into the query of `authorize_url`.
    private static func wishes(_ provider: Provider, _ authorizedAs: String) -> [(String, String)] {
        // A browser that remembers another account must not silently authorise that one.
        guard provider.preset == .gmail else {
            return [("login_hint", authorizedAs), ("prompt", "select_account")]
        }
        // Google gives a refresh token for `offline` only, and only with the first consent unless it asks again.
        return [
            ("login_hint", authorizedAs), ("prompt", "select_account consent"), ("access_type", "offline"),
        ]
    }

    private static func names(inQueryOf url: String) -> Set<String> {
        guard let mark = url.firstIndex(of: "?") else { return [] }
        return Set(url[url.index(after: mark)...].split(separator: "&").map { String($0.prefix { $0 != "=" }) })
    }
}
