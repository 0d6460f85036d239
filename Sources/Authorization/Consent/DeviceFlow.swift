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

    /// Asks for a code. Throws a `Failure` when there is none to be had.
    func begin(language: String?) async throws -> DeviceCodeResponse {
        let provider = try await exchange.located(provider, for: .deviceCode)
        let proof = try await exchange.proof(provider, preferredProof)
        let request = try TokenRequest.deviceCode(provider, proof, scopes: scopes, language: language)
        let reply = try await exchange.send(request, provider)
        let json = reply.json
        if (200..<300).contains(reply.status), let json, let code = DeviceCodeResponse(json, now: clock.now) {
            return code
        }
        throw reply.refusal(json, request, provider.name, now: clock.now).failure
    }

    /// Polls until the person has signed in, or will not.
    func finish(_ code: DeviceCodeResponse, tell: @Sendable (DeviceStep) -> Void) async throws -> End {
        let provider = try await exchange.located(provider, for: .devicePoll)
        let proof = try await exchange.proof(provider, preferredProof)
        let request = try TokenRequest.devicePoll(code.deviceCode, provider, proof, claims: claims)
        var polling = DevicePolling(interval: code.interval, expires: code.prompt.expires)
        var action = polling.begin(at: clock.now)
        while case .poll(let moment) = action {
            tell(.waiting(next: moment))
            try await clock.sleep(until: moment)
            let sent = clock.now
            switch try await poll(request) {
            case .success(let response): return .token(response, sent: sent)
            case .failure(let refusal):
                action = polling.received(refusal.reply, at: clock.now)
                if action == .refused { throw refusal.failure.failure }
            }
        }
        return .step(action == .declined ? .declined : .expired)
    }

    private struct Refusal: Error {
        var reply: DevicePolling.Reply
        var failure: TokenFailure
    }

    private func poll(_ request: TokenRequest) async throws -> Result<TokenResponse, Refusal> {
        do {
            let reply = try await exchange.send(request, provider)
            return reply.token(for: request, provider: provider.name, now: clock.now).mapError { failure in
                if case .temporary(let wait) = failure.kind, failure.error != "slow_down" {
                    return Refusal(reply: .trouble(retryAfter: wait), failure: failure)
                }
                return Refusal(reply: .error(failure.error ?? ""), failure: failure)
            }
        } catch let error as CancellationError {
            throw error
        } catch {
            let failure = TokenFailure(thrown: error, provider)
            guard case .temporary(let wait) = failure.kind else { throw failure.failure }
            return .failure(Refusal(reply: .trouble(retryAfter: wait), failure: failure))
        }
    }
}
