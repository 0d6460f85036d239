import Diagnostics
import MailModel
import Store

extension TokenKeeper {
    /// Takes over a refresh token that another program was given.
    ///
    /// It is tried with one refresh first, and stored only if that worked and brought who `authorized_as` names. A
    /// provider that gives no ID token cannot be asked who it is: then the receipt has no identity.
    public func importRefreshToken(
        _ token: Secret, for account: AccountName, _ signIn: SignInSettings
    ) async throws -> ConsentReceipt {
        let (key, provider) = try delegated(signIn, operation: "import refresh token")
        guard !token.isEmpty, token.count <= Limits.refreshToken,
            token.withBytes({ $0.allSatisfy { (0x21...0x7E).contains($0) } })
        else {
            throw Failure(
                .account, .never, operation: "import refresh token",
                reason: "This is no refresh token: it must be one line of printable characters without spaces.")
        }
        let scopes = TokenScopes.refresh(
            consent: consentScopes(key, provider), granted: [], isMicrosoft: provider.isMicrosoft)
        let preferred = preferredProof(of: provider)
        return try await undertake { [exchange = exchange(about: key)] in
            let outcome = await exchange.token(provider, preferred: preferred) { provider, proof in
                try .refresh(token, provider, proof, scopes: scopes)
            }
            await self.note(outcome.proofs, of: provider.name)
            switch outcome.result {
            case .failure(let failure): throw TokenKeeper.imported(failure.failure)
            case .success(var response):
                response.refreshToken = response.refreshToken ?? token
                return try await self.keep(response, sent: outcome.sent, key, for: account, by: "import", signIn)
            }
        }
    }

    /// Why an import did not work: the owner is not the first who can help.
    private static func imported(_ failure: Failure) -> Failure {
        var failure = failure
        failure.operation = "import refresh token"
        failure.reason = "Nothing was stored. \(failure.reason)"
        return failure
    }

    /// Signs a person in on another machine with a code (RFC 8628).
    ///
    /// The sequence ends after its last step. Whoever stops iterating breaks the sign-in off.
    ///
    /// - Parameter language: of the page, such as `de-DE`; only Microsoft listens to it.
    public nonisolated func authorizeByDevice(
        for account: AccountName, _ signIn: SignInSettings, language: String? = nil
    ) -> AsyncStream<DeviceStep> {
        let (steps, continuation) = AsyncStream.makeStream(
            of: DeviceStep.self, bufferingPolicy: .bufferingOldest(Limits.deviceSteps))
        let task = Task {
            let last = await self.signInByDevice(for: account, signIn, language) { continuation.yield($0) }
            continuation.yield(last)
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return steps
    }

    private func signInByDevice(
        for account: AccountName, _ signIn: SignInSettings, _ language: String?,
        tell: @escaping @Sendable (DeviceStep) -> Void
    ) async -> DeviceStep {
        do {
            let (key, provider) = try delegated(signIn, operation: TokenRequest.Kind.deviceCode.rawValue)
            let flow = DeviceFlow(
                provider: provider, scopes: consentScopes(key, provider),
                claims: try await vault.credentialWithoutToken(key)?.claims, exchange: exchange(about: key),
                clock: clock, preferredProof: preferredProof(of: provider)
            ) { await self.note($0, of: provider.name) }
            return try await undertake {
                let code = try await flow.begin(language: language)
                tell(.prompt(code.prompt))
                switch try await flow.finish(code, tell: tell) {
                case .token(let response, let sent):
                    return .done(try await self.keep(response, sent: sent, key, for: account, by: "device", signIn))
                case .step(let step): return step
                }
            }
        } catch {
            let operation = TokenRequest.Kind.devicePoll.rawValue
            return .failed(
                error as? Failure
                    ?? Failure(.account, .later(after: nil), operation: operation, reason: "It was broken off."))
        }
    }

    // MARK: What was granted

    /// Stores a consent, once it is clear that the right person gave it.
    func keep(
        _ response: TokenResponse, sent: Timestamp, _ key: CredentialKey, for account: AccountName, by way: String,
        _ signIn: SignInSettings, link: SignInLink.Digest? = nil
    ) async throws -> ConsentReceipt {
        try TokenKeeper.compare(response.identity, with: signIn)
        try TokenKeeper.compare(
            response.identity, withEarlier: try await vault.credentialWithoutToken(key)?.grant.identity)
        let grant = KeptGrant(consent: response, sent: sent, jitter: .random(in: 0...1, using: &generator))
        let vault = vault
        // Not broken off with its caller: what a person has just consented to must not be lost on the last yard.
        let isKept = try await Task { try await vault.keepConsent(key, grant, by: link) }.value
        guard isKept else {
            throw Failure(
                .account, .whenReauthorized, operation: "store consent",
                reason:
                    "Nothing was stored: the link ended during the sign-in. Make a new one with postbote authorize "
                    + "ACCOUNT --link.",
                condition: .linkEnded)
        }
        replace(key, with: KeptCredential(key: key, version: 0, grant: grant))
        reopen(key.provider)
        log.record(.consentStored(account, by: way))
        var warning: String?
        if response.refreshToken == nil, let provider = try? provider(key.provider) {
            warning = MissingRefreshToken(provider: provider, scopes: consentScopes(key, provider)).reason
        }
        return ConsentReceipt(
            identity: response.identity, tokenValidUntil: sent + response.lifetime, warning: warning)
    }

    /// A consent of the wrong person would show up much later, as a mailbox that cannot be opened.
    private static func compare(_ identity: SignedInIdentity?, with signIn: SignInSettings) throws {
        let expected = signIn.authorizedAs
        guard let identity, !identity.names.isEmpty, !identity.isExpected(by: signIn) else { return }
        throw Failure(
            .account, .whenReauthorized, operation: "compare identity",
            reason:
                "Nothing was stored: \(expected) should have signed in, but \(identity.names[0]) did. Sign out at the "
                + "provider or use a private window, then sign in as \(expected); or set authorized_as to who it should be "
                + "(to a list of all their names, if that is the same person).",
            place: ["signed_in": identity.names[0]], condition: .wrongPerson)
    }

    /// The names may be right and the person another: an address that was given to somebody else.
    private static func compare(_ identity: SignedInIdentity?, withEarlier earlier: SignedInIdentity?) throws {
        guard let identity, let earlier, identity.isSomebodyElse(than: earlier) else { return }
        let name = identity.names.first ?? "somebody"
        throw Failure(
            .account, .whenReauthorized, operation: "compare identity",
            reason:
                "Nothing was stored: \(name) signed in, but is not who signed in before: the provider knows them under "
                + "another id. If that is right (the user was deleted and made anew), forget the consent of before: "
                + "postbote revoke ACCOUNT, then sign in again.",
            place: ["signed_in": name], condition: .changedPerson)
    }

    // MARK: Parts

    func consentScopes(_ key: CredentialKey, _ provider: Provider) -> [String] {
        provider.scopes(for: services[key] ?? [])
    }

    func delegated(_ signIn: SignInSettings, operation: String) throws -> (CredentialKey, Provider) {
        let provider = try provider(of: signIn)
        guard provider.grant == .authorizationCode, let key = CredentialKey(signIn, grant: provider.grant) else {
            throw provider.misconfigured(
                operation,
                "The grant of provider \(provider.name) is \(provider.grant.rawValue): nobody signs in for it; "
                    + "what its app must be allowed, postbote authorize ACCOUNT says without an option. "
                    + "Set grant: authorization_code if somebody should.")
        }
        return (key, provider)
    }
}
