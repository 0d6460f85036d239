import Diagnostics
import MailModel

/// A sign-in by device code, from the first request to the token.
struct DeviceFlow: Sendable {
    enum End: Sendable {
        case token(TokenResponse, sent: Timestamp)
        case step(DeviceStep)
    }

    let provider: Provider
    let scopes: [String]
    /// A challenge with which the provider refused an earlier token.
    let claims: String?
    let exchange: TokenExchange
    let clock: any WallClock
    let preferredProof: Int
    /// Told what each request showed about the client's proofs.
    let note: @Sendable (ClientProofs.Use) async -> Void

    /// Asks for a code. Throws a `Failure` when there is none to be had.
    func begin(language: String?) async throws -> DeviceCodeResponse {
        let provider = try await exchange.located(provider, for: .deviceCode)
        let outcome = await exchange.proving(provider, preferred: preferredProof) { [exchange, clock, scopes] proof in
            await exchange.attempt(
                provider,
                { try TokenRequest.deviceCode(provider, proof, scopes: scopes, language: language) },
                read: { reply, request -> Result<DeviceCodeResponse, TokenFailure> in
                    let json = reply.json
                    if (200..<300).contains(reply.status), let json,
                        let code = DeviceCodeResponse(json, now: clock.now)
                    {
                        return .success(code)
                    }
                    return .failure(reply.refusal(json, request, provider.name, now: clock.now))
                })
        }
        await note(outcome.proofs)
        switch outcome.result {
        case .success(let code): return code
        case .failure(let failure): throw failure.failure
        }
    }

    /// Polls until the person has signed in, or will not.
    func finish(_ code: DeviceCodeResponse, tell: @Sendable (DeviceStep) -> Void) async throws -> End {
        let provider = try await exchange.located(provider, for: .devicePoll)
        var polling = DevicePolling(interval: code.interval, expires: code.prompt.expires)
        var action = polling.begin(at: clock.now)
        var preferred = preferredProof
        while case .poll(let moment) = action {
            tell(.waiting(next: moment))
            try await clock.sleep(until: moment)
            // Proved anew each time: an assertion ends before the code does.
            let outcome = await exchange.proving(provider, preferred: preferred) { [exchange, claims] proof in
                await exchange.attempt(provider) {
                    try TokenRequest.devicePoll(code.deviceCode, provider, proof, claims: claims)
                }
            }
            await note(outcome.proofs)
            preferred = DeviceFlow.next(after: outcome.proofs, of: provider) ?? preferred
            switch outcome.result {
            // Also when nobody waits for it any more: the person has consented.
            case .success(let response): return .token(response, sent: outcome.sent)
            case .failure(let failure):
                try Task.checkCancellation()
                action = polling.received(DeviceFlow.reply(failure), at: clock.now)
                if action == .refused { throw failure.failure }
            }
        }
        return .step(action == .declined ? .declined : .expired)
    }

    /// The way to prove the client at the next poll: waiting for the person shows nothing, but what was refused is.
    private static func next(after use: ClientProofs.Use, of provider: Provider) -> Int? {
        guard use.accepted == nil else { return use.accepted }
        return use.refused.isEmpty ? nil : provider.proofWays.indices.first { use.refused[$0] == nil }
    }

    private static func reply(_ failure: TokenFailure) -> DevicePolling.Reply {
        if case .temporary(let wait) = failure.kind, failure.error != "slow_down" {
            return .trouble(retryAfter: wait)
        }
        return .error(failure.error ?? "")
    }
}
