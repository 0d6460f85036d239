import Diagnostics
import MailModel
import Store

extension TokenKeeper {
    /// How the answer of a sign-in in a browser gets back.
    public enum WayBack: Hashable, Sendable {
        /// Somebody listens on this port of the machine the browser is on, or seems to be on.
        case loopback(port: Int)
        /// The person copies the address at which the browser ended.
        case paste
        /// The browser comes back to a page of ours at this address.
        case console(redirectURI: String)

        /// As the journal has it.
        var word: String { if case .console = self { "link" } else { "browser" } }
    }

    /// Begins a sign-in in a browser (RFC 6749 §4.1, RFC 7636). Nothing is sent to the provider yet.
    public func beginAuthorization(
        for signIn: SignInSettings, backBy way: WayBack
    ) async throws -> AuthorizationRequest {
        let (key, provider) = try delegated(signIn, operation: TokenRequest.Kind.authorize.rawValue)
        let redirectURI =
            switch way {
            case .loopback(let port): try RedirectURI.loopback(port: port, provider)
            case .paste: RedirectURI.pasted(provider)
            case .console(let redirectURI): redirectURI
            }
        let located = try await exchange.located(provider, for: .authorize)
        if case .console = way { try TokenKeeper.checkTenant(of: located) }
        return try AuthorizationRequest(
            provider, at: located.authorizeURL, authorizedAs: signIn.authorizedAs, backBy: way,
            redirectURI: redirectURI,
            scopes: consentScopes(key, provider), claims: try await vault.credentialWithoutToken(key)?.claims,
            now: clock.now)
    }

    /// Redeems the code that came back (RFC 6749 §4.1.3), and stores the consent if the right person gave it.
    ///
    /// - Parameter link: with which the person came. Nothing is stored if it has ended by then (`Failure.Condition.linkEnded`).
    public func finishAuthorization(
        _ request: AuthorizationRequest, code: Secret, for account: AccountName, _ signIn: SignInSettings,
        by link: SignInLink.Digest? = nil
    ) async throws -> ConsentReceipt {
        let operation = TokenRequest.Kind.code.rawValue
        let (key, provider) = try delegated(signIn, operation: operation)
        // The code goes nowhere but to the provider that gave it.
        guard provider == request.provider, signIn.authorizedAs == request.authorizedAs else {
            throw Failure(
                .account, .whenReauthorized, operation: operation,
                reason: "Nothing was stored: the account's configuration changed during the sign-in. Begin again.")
        }
        guard !code.isEmpty, code.count <= Limits.refreshToken,
            code.withBytes({ $0.allSatisfy { (0x21...0x7E).contains($0) } })
        else {
            throw Failure(
                .account, .whenReauthorized, operation: operation,
                reason: "This is no authorization code: it must be printable characters without spaces.")
        }
        // One resource (Entra answers 28002 or 700022 to two); the others know no scope here.
        let scopes =
            provider.isMicrosoft
            ? TokenScopes.refresh(consent: consentScopes(key, provider), granted: [], isMicrosoft: true) : []
        let preferred = preferredProof(of: provider)
        return try await undertake { [exchange = exchange(about: key)] in
            let outcome = await exchange.token(provider, preferred: preferred) { provider, proof in
                try .code(code, of: request, provider, proof, scopes: scopes)
            }
            await self.note(outcome.proofs, of: provider.name)
            switch outcome.result {
            case .failure(let failure): throw failure.failure
            case .success(let response):
                try TokenKeeper.check(response, answers: request)
                try TokenKeeper.checkPerson(response, answers: request)
                return try await self.keep(
                    response, sent: outcome.sent, key, for: account, by: request.wayBack.word, signIn, link: link)
            }
        }
    }

    /// Why the provider sent the browser back without a code (RFC 6749 §4.1.2.1), in our words.
    public nonisolated func refusal(
        of request: AuthorizationRequest, error: String, description: String?
    ) -> Failure {
        let words = ServerText(without: [request.state, request.nonce, request.verifier])
        var members: [String: JSONValue] = ["error": .string(error.isEmpty ? "unreadable" : error)]
        members["error_description"] = description.map { .string($0) }
        let given = TokenError(.object(members), words: words)
        let kind = TokenErrorClass(status: 400, error: given, kind: .authorize, hasRetryAfter: false)
        return Failure(
            .account, kind.retry(after: nil), operation: TokenRequest.Kind.authorize.rawValue,
            reason: TokenReason(
                status: 400, error: given, kind: kind, request: .authorize, provider: request.provider.name
            ).text,
            serverLine: given.flatMap { given in
                words.line(given.description.map { "\(given.error): \($0)" } ?? given.error)
            },
            place: ["provider": request.provider.name.text])
    }

    /// Where people of every tenant may sign in, a name is only as good as the tenant that gave it: an administrator
    /// elsewhere could give the owner's. Personal accounts have one namespace (`consumers`), as one tenant has.
    private static func checkTenant(of provider: Provider) throws {
        guard provider.isOfEveryTenant else { return }
        throw provider.misconfigured(
            TokenRequest.Kind.authorize.rawValue,
            "Nobody can sign in at provider \(provider.name) with a link: people of every tenant could, under any name. "
                + "Write the one tenant of the mailboxes, such as tenant: contoso.onmicrosoft.com, into the provider (for "
                + "personal accounts tenant: consumers); or sign in with postbote authorize ACCOUNT --device.")
    }

    /// Whoever holds a link can sign in, as anybody: without a name nobody could tell who did.
    private static func checkPerson(_ response: TokenResponse, answers request: AuthorizationRequest) throws {
        guard case .console = request.wayBack, response.identity?.names.isEmpty ?? true else { return }
        throw Failure(
            .account, .whenReconfigured(by: .operatorOfPostbote), operation: "compare identity",
            reason:
                "Nothing was stored: the provider does not say who signed in, so that a link would serve anybody. Add openid, "
                + "profile and email to scopes: of provider \(request.provider.name), reload, and open the link again; or sign in with "
                + "postbote authorize ACCOUNT --browser.",
            place: ["provider": request.provider.name.text])
    }

    /// An ID token of another sign-in has been slipped in (OpenID Connect Core §3.1.3.7 item 11).
    private static func check(_ response: TokenResponse, answers request: AuthorizationRequest) throws {
        guard response.identity != nil, request.url.contains("&nonce="),
            response.nonce.map(Secret.init) != request.nonce
        else { return }
        throw Failure(
            .account, .whenReauthorized, operation: "compare nonce",
            reason: "Nothing was stored: the ID token belongs to another sign-in. Begin again.",
            place: ["provider": request.provider.name.text])
    }
}
