import Diagnostics
import MailModel

/// One request to a provider's token or device endpoint.
struct TokenRequest: Sendable {
    /// What is being asked for; decides what a refusal means.
    enum Kind: String, Sendable {
        case refresh = "refresh token"
        case application = "fetch app token"
        case serviceAccount = "fetch service account token"
        case deviceCode = "start device sign-in"
        case devicePoll = "finish device sign-in"
        /// In the browser; never sent by us.
        case authorize = "sign in with a browser"
        case code = "redeem authorization code"
        case revoke = "revoke"

        /// Whether a person's consent is behind it, so that a person can renew it.
        var isDelegated: Bool { self != .application && self != .serviceAccount }
    }

    let kind: Kind
    let url: String
    let form: FormBody

    /// RFC 6749 §6.
    static func refresh(_ token: Secret, _ provider: Provider, _ proof: ClientProof, scopes: [String]) throws -> Self
    {
        try request(.refresh, provider, proof, scopes) { form in
            form.append("grant_type", "refresh_token")
            form.append("refresh_token", secret: token)
        }
    }

    /// RFC 6749 §4.4.
    static func application(_ provider: Provider, _ proof: ClientProof) throws -> Self {
        guard proof != .none else {
            throw provider.misconfigured(
                Kind.application.rawValue,
                "The grant client_credentials needs client_secret:, or certificate: and private_key:, of provider \(provider.name)."
            )
        }
        return try request(.application, provider, proof, provider.scopes) { form in
            form.append("grant_type", "client_credentials")
        }
    }

    /// RFC 7523 §2.1. The assertion says who asks, so that no client does.
    static func serviceAccount(_ assertion: Secret, at url: String) -> Self {
        var form = FormBody()
        form.append("grant_type", ServiceAccountAssertion.grantType)
        form.append("assertion", secret: assertion)
        return TokenRequest(kind: .serviceAccount, url: url, form: form)
    }

    /// RFC 8628 §3.1.
    ///
    /// - Parameter language: of the page and its message, which only Microsoft knows (`mkt`).
    static func deviceCode(
        _ provider: Provider, _ proof: ClientProof, scopes: [String], language: String? = nil
    ) throws -> Self {
        let plain = try request(.deviceCode, provider, proof, scopes) { _ in }
        guard provider.isMicrosoft, let language, isLanguageTag(language) else { return plain }
        let query = plain.url.contains("?") ? "&mkt=" : "?mkt="
        return TokenRequest(kind: .deviceCode, url: plain.url + query + language, form: plain.form)
    }

    private static func isLanguageTag(_ text: String) -> Bool {
        (2...12).contains(text.utf8.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0 == "-") }
    }

    /// RFC 8628 §3.4.
    ///
    /// - Parameter claims: a challenge with which an earlier token was refused; Microsoft takes it here.
    static func devicePoll(
        _ code: Secret, _ provider: Provider, _ proof: ClientProof, claims: String? = nil
    ) throws -> Self {
        try request(.devicePoll, provider, proof, []) { form in
            form.append("grant_type", "urn:ietf:params:oauth:grant-type:device_code")
            form.append("device_code", secret: code)
            if let claims, provider.isMicrosoft { form.append("claims", claims) }
        }
    }

    /// RFC 6749 §4.1.3, with RFC 7636 §4.5.
    static func code(
        _ code: Secret, of request: AuthorizationRequest, _ provider: Provider, _ proof: ClientProof,
        scopes: [String]
    ) throws -> Self {
        try self.request(.code, provider, proof, scopes) { form in
            form.append("grant_type", "authorization_code")
            form.append("code", secret: code)
            form.append("redirect_uri", request.redirectURI)
            form.append("code_verifier", secret: request.verifier)
        }
    }

    /// RFC 7009 §2.1. Google asks for no proof of the client, and documents no other parameter.
    static func revoke(_ token: Secret, _ provider: Provider, _ proof: ClientProof) throws -> Self {
        guard provider.preset != .gmail else {
            var form = FormBody()
            form.append("token", secret: token)
            return TokenRequest(kind: .revoke, url: try provider.endpoint(for: .revoke), form: form)
        }
        return try request(.revoke, provider, proof, []) { form in
            form.append("token", secret: token)
            form.append("token_type_hint", "refresh_token")
        }
    }

    private static func request(
        _ kind: Kind, _ provider: Provider, _ proof: ClientProof, _ scopes: [String],
        _ grant: (inout FormBody) -> Void
    ) throws -> TokenRequest {
        guard let clientID = provider.clientID, !clientID.isEmpty else {
            throw provider.misconfigured(
                kind.rawValue,
                "Provider \(provider.name) has no client_id: write the app registration's id into it.")
        }
        var form = FormBody()
        grant(&form)
        form.append("client_id", clientID)
        // In the body, because Entra and Google document that form; RFC 6749 §2.3.1 allows it.
        switch proof {
        case .none: break
        case .secret(let secret): form.append("client_secret", secret: secret)
        case .assertion(let assertion):
            // RFC 7521 §4.2.
            form.append("client_assertion_type", ClientAssertion.type)
            form.append("client_assertion", secret: assertion)
        }
        if !scopes.isEmpty { form.append("scope", scopes.joined(separator: " ")) }
        return TokenRequest(kind: kind, url: try provider.endpoint(for: kind), form: form)
    }
}

extension Provider {
    fileprivate func endpoint(for kind: TokenRequest.Kind) throws -> String {
        let (url, key) =
            switch kind {
            case .deviceCode: (deviceURL, "device_url")
            case .revoke: (revokeURL, "revoke_url")
            default: (tokenURL, "token_url")
            }
        if let url { return url }
        if kind == .deviceCode, preset == .gmail {
            // Google allows a handful of scopes in its device flow, and mail is not among them.
            throw misconfigured(
                kind.rawValue,
                "Google does not allow sign-in by device code for mail: sign in with "
                    + "postbote authorize ACCOUNT --browser.")
        }
        let source = issuer != nil && preset == .generic ? "Its issuer names none, either: write" : "Write"
        throw misconfigured(kind.rawValue, "Provider \(name) has no \(key). \(source) it into the configuration.")
    }

    /// Something is missing in this provider's configuration.
    func misconfigured(_ operation: String, _ reason: String) -> Failure {
        Failure(
            .account, .whenReconfigured(by: .operatorOfPostbote), operation: operation, reason: reason,
            place: ["provider": name.text])
    }
}

/// How the app proves that it is itself in one request.
enum ClientProof: Equatable, Sendable {
    /// A public client, which must not send a secret (Entra answers 700025).
    case none
    case secret(Secret)
    /// Signed with the app's certificate, for one request.
    case assertion(Secret)
}
