import Diagnostics
import MailModel

/// One request to a provider and its reply, with the app's proof of itself.
struct TokenExchange: Sendable {
    /// What came of it.
    struct Outcome: Sendable {
        var result: Result<TokenResponse, TokenFailure>
        /// When the request was sent: lifetimes are counted from here, which is never too late.
        var sent: Timestamp
        /// Which of the client's proofs was used; 0 for none.
        var secret: Int

        fileprivate var isClientRefused: Bool {
            if case .failure(let failure) = result { return failure.kind == .clientRefused }
            return false
        }
    }

    let transport: any TokenTransport
    let readSecret: SecretReader
    let clock: any WallClock

    /// Asks for a token. Where the first of two client secrets is refused, the second is tried, so that renewing one
    /// leaves no gap; where a signature with PS256 is refused, the same with RS256.
    ///
    /// - Parameter preferred: the index of the proof that worked last.
    func token(
        _ provider: Provider, preferred: Int, _ make: (ClientProof) throws -> TokenRequest
    ) async -> Outcome {
        let proofs = provider.proofs
        let first = proofs.contains(preferred) ? preferred : 0
        var outcome = await attempt(provider, secret: first) { try make(try await proof(provider, first)) }
        for index in proofs where index != first && outcome.isClientRefused {
            let other = await attempt(provider, secret: index) { try make(try await proof(provider, index)) }
            // When both are refused the first one's words are shown: it is the one that should work.
            if !other.isClientRefused { outcome = other }
        }
        return outcome
    }

    func attempt(
        _ provider: Provider, secret: Int = 0, _ make: () async throws -> TokenRequest
    ) async -> Outcome {
        let sent = clock.now
        do {
            let request = try await make()
            let reply = try await send(request, provider)
            let result = reply.token(for: request, provider: provider.name, now: clock.now)
            return Outcome(result: result, sent: sent, secret: secret)
        } catch {
            return Outcome(result: .failure(TokenFailure(thrown: error, provider)), sent: sent, secret: secret)
        }
    }

    /// Sends a request, which is not broken off with its caller: when it has left, the provider may have replaced
    /// the refresh token already (RFC 6749 §6) or taken the device code, and only the reply says with what. Its own
    /// timeout ends it.
    func send(_ request: TokenRequest, _ provider: Provider) async throws -> TokenReply {
        try Task.checkCancellation()
        let transport = transport
        return try await Task {
            try await transport.post(
                request.form.encoded(), to: request.url, of: provider, operation: request.kind.rawValue,
                timeout: Limits.request)
        }.value
    }

    /// The app's proof of itself, one of those it has.
    func proof(_ provider: Provider, _ index: Int) async throws -> ClientProof {
        switch provider.authentication {
        case .none, .secrets([]): return .none
        case .secrets(let secrets):
            let value = try await readSecret(secrets[min(index, secrets.count - 1)].value)
            guard !value.isEmpty else {
                throw provider.misconfigured(
                    "read client secret", "The client secret is empty: write it into its source.")
            }
            return .secret(value)
        case .certificate(let certificate, let privateKey):
            return .assertion(try await assertion(provider, certificate, privateKey, index))
        }
    }

    // MARK: With a certificate

    private static let signing = "sign client assertion"

    private func assertion(
        _ provider: Provider, _ certificate: SecretSource, _ privateKey: SecretSource, _ index: Int
    ) async throws -> Secret {
        let pair = try await pair(provider, certificate, privateKey)
        let now = clock.now
        guard now < pair.notAfter else {
            throw provider.misconfigured(
                TokenExchange.signing,
                "The certificate of provider \(provider.name) ended at \(pair.notAfter): make a new one, upload it to the app "
                    + "registration, and put it and its key into the files that certificate: and private_key: name.")
        }
        guard let audience = provider.tokenURL, let clientID = provider.clientID else {
            throw provider.misconfigured(
                TokenExchange.signing,
                "Provider \(provider.name) needs client_id and token_url to sign in with a certificate.")
        }
        let algorithms = ClientAssertion.algorithms
        return try ClientAssertion(certificate: pair, clientID: clientID, audience: audience)
            .signed(algorithms[min(index, algorithms.count - 1)], at: now)
    }

    /// Read anew each time, so that renewed files need no reload.
    private func pair(
        _ provider: Provider, _ certificate: SecretSource, _ privateKey: SecretSource
    ) async throws -> ClientCertificate {
        let (certificate, key) = (try await readSecret(certificate), try await readSecret(privateKey))
        do {
            return try ClientCertificate(certificate: certificate, privateKey: key)
        } catch {
            throw provider.misconfigured(TokenExchange.signing, "Provider \(provider.name): \(error.reason)")
        }
    }

    /// When the provider's certificate ends, so that somebody renews it in time; `nil` where it has none.
    func certificateEnd(_ provider: Provider) async throws -> Timestamp? {
        guard case .certificate(let certificate, let privateKey) = provider.authentication else { return nil }
        return try await pair(provider, certificate, privateKey).notAfter
    }
}

extension Provider {
    /// The proofs that are tried, one after the other.
    fileprivate var proofs: Range<Int> {
        switch authentication {
        case .none: 0..<0
        case .secrets(let secrets): secrets.indices
        case .certificate: ClientAssertion.algorithms.indices
        }
    }
}

extension TokenFailure {
    /// Whatever was thrown on the way to a reply.
    init(thrown error: any Error, _ provider: Provider) {
        if let failure = error as? TokenFailure {
            self = failure
        } else if let failure = error as? Failure {
            self.init(onTheWay: failure.at("provider", provider.name.text))
        } else {
            // Not shown in its own words: nobody vouches that they hold no secret.
            let reason = error is CancellationError ? "It was broken off." : "It failed (\(type(of: error)))."
            self.init(
                onTheWay: Failure(
                    .account, .later(after: nil), operation: "request token", reason: reason,
                    place: ["provider": provider.name.text]))
        }
    }
}
