import Diagnostics
import MailModel

/// One request to a provider and its reply, with the app's proof of itself.
struct TokenExchange: Sendable {
    /// What came of it.
    struct Outcome<Answer: Sendable>: Sendable {
        var result: Result<Answer, TokenFailure>
        /// When the request was sent: lifetimes are counted from here, which is never too late.
        var sent: Timestamp
        /// What it showed about the client's proofs.
        var proofs = ClientProofs.Use()
        /// The client's proof could not be made, so that nothing was sent.
        fileprivate var lacksProof = false

        fileprivate var isClientRefused: Bool {
            if case .failure(let failure) = result { return failure.kind == .clientRefused }
            return false
        }

        /// Whether the provider had nothing against the client, whatever it said about the rest.
        fileprivate var isClientAccepted: Bool {
            switch result {
            case .success: true
            case .failure(let failure):
                failure.kind == .refused && failure.reach == .credential && failure.error != nil
            }
        }

        /// It may pass by itself: a command that gives the secret took too long.
        fileprivate var isPassing: Bool {
            if case .failure(let failure) = result, case .temporary = failure.kind { return true }
            return false
        }
    }

    let transport: any TokenTransport
    let readSecret: SecretReader
    let clock: any WallClock
    let discovery: Discovery
    /// Where the requests can be listened to: those of the accounts that share the credential.
    var traces: [TraceTap] = []

    init(transport: any TokenTransport, readSecret: @escaping SecretReader, clock: any WallClock) {
        self.transport = transport
        self.readSecret = readSecret
        self.clock = clock
        discovery = Discovery(transport, clock: clock)
    }

    /// Asks for a token, with one of the app's proofs of itself.
    ///
    /// - Parameters:
    ///   - preferred: the way to prove the client that worked last.
    ///   - make: makes the request; it is given the provider with the endpoints that were found out.
    func token(
        _ given: Provider, preferred: Int, _ make: @Sendable (Provider, ClientProof) throws -> TokenRequest
    ) async -> Outcome<TokenResponse> {
        let provider: Provider
        do {
            provider = try await located(given, for: .refresh)
        } catch {
            return Outcome(result: .failure(TokenFailure(thrown: error, given)), sent: clock.now)
        }
        return await proving(provider, preferred: preferred) { proof in
            await attempt(provider) { try make(provider, proof) }
        }
    }

    /// Asks with one of the app's proofs of itself. Where the first of two client secrets or certificates is refused or cannot
    /// be used, the second is tried, so that renewing one leaves no gap; where a signature with PS256 is refused, the same with
    /// RS256.
    func proving<Answer>(
        _ provider: Provider, preferred: Int, _ ask: @Sendable (ClientProof) async -> Outcome<Answer>
    ) async -> Outcome<Answer> {
        let ways = provider.proofWays.indices
        guard !ways.isEmpty else { return await ask(.none) }
        let first = ways.contains(preferred) ? preferred : 0
        var use = ClientProofs.Use()
        var shown: Outcome<Answer>?
        for way in [first] + ways.filter({ $0 != first }) {
            var outcome = await proved(provider, way, ask)
            guard outcome.isClientRefused || outcome.lacksProof else {
                if outcome.isClientAccepted { use.accepted = way }
                outcome.proofs = use
                return outcome
            }
            // What could not be read just now is not dead.
            if case .failure(let failure) = outcome.result, !outcome.isPassing { use.refused[way] = failure.failure }
            // When all are refused the first one's words are shown: it is the one that should work. While one could not be
            // tried, nothing is final.
            if shown == nil || (outcome.isPassing && shown?.isPassing == false) { shown = outcome }
        }
        shown?.proofs = use
        return shown
            ?? Outcome(result: .failure(TokenFailure(thrown: CancellationError(), provider)), sent: clock.now)
    }

    private func proved<Answer>(
        _ provider: Provider, _ way: Int, _ ask: @Sendable (ClientProof) async -> Outcome<Answer>
    ) async -> Outcome<Answer> {
        let proof: ClientProof
        do {
            proof = try await self.proof(provider, way)
        } catch {
            return Outcome(
                result: .failure(TokenFailure(thrown: error, provider)), sent: clock.now, lacksProof: true)
        }
        return await ask(proof)
    }

    func attempt(
        _ provider: Provider, _ make: @Sendable () async throws -> TokenRequest
    ) async -> Outcome<TokenResponse> {
        await attempt(provider, make) { [clock] reply, request in
            reply.token(for: request, provider: provider.name, now: clock.now)
        }
    }

    /// - Parameter read: what the reply means.
    func attempt<Answer>(
        _ provider: Provider, _ make: @Sendable () async throws -> TokenRequest,
        read: @Sendable (TokenReply, TokenRequest) -> Result<Answer, TokenFailure>
    ) async -> Outcome<Answer> {
        let sent = clock.now
        do {
            let request = try await make()
            let reply = try await send(request, provider)
            // No endpoint answers like that: its issuer may have another one by now.
            if (300..<400).contains(reply.status) || [404, 405, 410].contains(reply.status) {
                await discovery.doubt(provider)
            }
            return Outcome(result: read(reply, request), sent: sent)
        } catch {
            return Outcome(result: .failure(TokenFailure(thrown: error, provider)), sent: sent)
        }
    }

    /// Sends a request, which is not broken off with its caller: when it has left, the provider may have replaced
    /// the refresh token already (RFC 6749 §6) or taken the device code, and only the reply says with what. Its own
    /// timeout ends it.
    func send(_ request: TokenRequest, _ provider: Provider) async throws -> TokenReply {
        try Task.checkCancellation()
        let (transport, trace) = (transport, TokenTrace(request, traces))
        return try await Task {
            trace.began()
            do {
                let reply = try await transport.post(
                    request.form.encoded(), to: request.url, of: provider, operation: request.kind.rawValue,
                    timeout: Limits.request)
                trace.ended(reply)
                return reply
            } catch {
                trace.failed(error)
                throw error
            }
        }.value
    }

    /// The app's proof of itself, in one of `Provider.proofWays`.
    private func proof(_ provider: Provider, _ way: Int) async throws -> ClientProof {
        let ways = provider.proofWays
        guard !ways.isEmpty else { return .none }
        let chosen = ways[min(way, ways.count - 1)]
        switch provider.authentication {
        case .none: return .none
        case .secrets(let secrets):
            let value = try await readSecret(secrets[chosen.item].value)
            guard !value.isEmpty else {
                throw provider.misconfigured(
                    "read client secret", "The client secret is empty: write it into its source.")
            }
            return .secret(value)
        case .certificates(let pairs):
            return .assertion(try await assertion(provider, pairs[chosen.item], chosen.algorithm ?? .ps256))
        }
    }

    // MARK: With a certificate

    private static let signing = "sign client assertion"

    private func assertion(
        _ provider: Provider, _ pair: Provider.CertificatePair, _ algorithm: JSONWebToken.Algorithm
    ) async throws -> Secret {
        let certificate = try await certificate(provider, pair)
        let now = clock.now
        guard now < certificate.notAfter else {
            throw provider.misconfigured(
                TokenExchange.signing,
                "The certificate of provider \(provider.name) ended at \(certificate.notAfter): make a new one, upload it to "
                    + "the app registration, and put it and its key into the files that certificate: and private_key: name."
            )
        }
        guard let audience = provider.tokenURL, let clientID = provider.clientID else {
            throw provider.misconfigured(
                TokenExchange.signing,
                "Provider \(provider.name) needs client_id and token_url to sign in with a certificate.")
        }
        return try ClientAssertion(certificate: certificate, clientID: clientID, audience: audience)
            .signed(algorithm, at: now)
    }

    /// Read anew each time, so that renewed files need no reload.
    private func certificate(
        _ provider: Provider, _ pair: Provider.CertificatePair
    ) async throws -> ClientCertificate {
        let (certificate, key) = (try await readSecret(pair.certificate), try await readSecret(pair.privateKey))
        do {
            return try ClientCertificate(certificate: certificate, privateKey: key)
        } catch {
            throw provider.misconfigured(TokenExchange.signing, "Provider \(provider.name): \(error.reason)")
        }
    }

    /// When the certificates of a provider end, in the order of the configuration; empty where it has none.
    func certificateEnds(_ provider: Provider) async throws -> [Timestamp] {
        guard case .certificates(let pairs) = provider.authentication else { return [] }
        var ends: [Timestamp] = []
        for pair in pairs { ends.append(try await certificate(provider, pair).notAfter) }
        return ends
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
