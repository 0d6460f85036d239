import Diagnostics
import MailModel

/// One refresh from end to end, and how it ends.
struct TokenFlight: Sendable {
    enum Landing: Sendable {
        /// Granted, and durable.
        case granted(KeptGrant)
        /// Granted, and not durable yet: nobody may use it.
        case unsaved(CredentialEntry.Unsaved, TokenFailure)
        case failed(TokenFailure)
        /// There is no consent to refresh.
        case vanished
        /// Another consent came in between; what this one brought is void.
        case superseded(KeptCredential?)
    }

    let key: CredentialKey
    let provider: Provider
    /// The scopes a person is asked to allow.
    let consent: [String]
    /// The way to prove the client to begin with.
    let preferredProof: Int
    /// From 0 to 1: spreads refreshes over time.
    let jitter: Double
    let unsaved: CredentialEntry.Unsaved?
    /// Why the last one failed, which is noted already.
    let knownReason: String?
    let vault: any CredentialVault
    let exchange: TokenExchange

    /// - Returns: how it ends, and what it showed about the client's proofs.
    func run() async -> (landing: Landing, proofs: ClientProofs.Use) {
        var proofs = ClientProofs.Use()
        do {
            if let unsaved { return (try await keep(unsaved), proofs) }
            let stored = try await vault.credential(key)
            guard !provider.needsConsent || stored?.grant.refreshToken != nil else {
                // What an app got without anybody's consent, before the grant was changed, is none.
                guard stored?.grant.refreshTokenExpires != nil else { return (.vanished, proofs) }
                // The access token stays good until it ends.
                let failure = MissingRefreshToken(provider: provider, scopes: consent).failure
                await note(failure)
                return (.failed(failure), proofs)
            }
            let outcome = await ask(stored)
            proofs = outcome.proofs
            switch outcome.result {
            case .failure(let failure):
                await note(failure)
                return (.failed(failure), proofs)
            case .success(let response):
                let grant = KeptGrant(response, sent: outcome.sent, jitter: jitter)
                return (try await keep(CredentialEntry.Unsaved(grant: grant, version: stored?.version)), proofs)
            }
        } catch {
            return (.failed(TokenFailure(thrown: error, provider)), proofs)
        }
    }

    /// Within the flight, so that it never meets the next one's write. Only for people: its own failure changes nothing.
    private func note(_ failure: TokenFailure) async {
        // Given up, perhaps for a new consent, which this says nothing about.
        guard !Task.isCancelled else { return }
        guard failure.reach != .provider, failure.failure.reason != knownReason else { return }
        try? await vault.note(key, failure.failure, claims: failure.claims)
    }

    private func ask(_ stored: KeptCredential?) async -> TokenExchange.Outcome<TokenResponse> {
        if provider.grant == .serviceAccount {
            return await exchange.serviceAccountToken(provider, of: key.subject, scopes: consent)
        }
        return await exchange.token(provider, preferred: preferredProof) { provider, proof in
            guard provider.needsConsent, let token = stored?.grant.refreshToken else {
                return try .application(provider, proof)
            }
            let scopes = TokenScopes.refresh(
                consent: consent, granted: stored?.grant.scopes ?? [], isMicrosoft: provider.isMicrosoft)
            return try .refresh(token, provider, proof, scopes: scopes)
        }
    }

    /// The refresh token that was just replaced may be void (RFC 6749 §6): the new one is durable before anybody sees the
    /// access token, so that a crash from here on finds it.
    private func keep(_ unsaved: CredentialEntry.Unsaved) async throws -> Landing {
        let (vault, key) = (vault, key)
        // Not broken off with the flight: what was granted must not be lost on the last yard.
        let kept = await Task {
            try await vault.keepTokens(key, unsaved.grant, ifVersion: unsaved.version)
        }.result
        switch kept {
        case .success(true): return .granted(unsaved.grant)
        case .success(false): return .superseded(try await vault.credentialWithoutToken(key))
        case .failure(let error): return .unsaved(unsaved, TokenFailure(thrown: error, provider))
        }
    }
}

extension KeptGrant {
    /// What a person consented to: without a refresh token it ends with its access token.
    init(consent response: TokenResponse, sent: Timestamp, jitter: Double) {
        self.init(response, sent: sent, jitter: jitter)
        if refreshToken == nil { refreshTokenExpires = accessToken?.expires }
    }

    init(_ response: TokenResponse, sent: Timestamp, jitter: Double) {
        self.init(
            refreshToken: response.refreshToken,
            refreshTokenExpires: response.refreshTokenLifetime.map { sent + $0 },
            accessToken: AccessToken(
                secret: response.accessToken, obtained: sent, expires: sent + response.lifetime),
            refreshDue: RefreshSchedule.due(
                obtained: sent, lifetime: response.lifetime, refreshIn: response.refreshIn, jitter: jitter),
            scopes: response.scopes, identity: response.identity)
    }
}
