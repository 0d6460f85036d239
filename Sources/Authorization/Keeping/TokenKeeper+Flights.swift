import Diagnostics
import MailModel

extension TokenKeeper {
    // MARK: Departure

    /// Something may have been mended.
    func retry(_ key: CredentialKey) {
        if let flight = entries[key]?.lifecycle.mended() { start(flight, key) }
    }

    func start(_ number: Int, _ key: CredentialKey) {
        let clock = clock
        let deadline = clock.now + Limits.flight
        let watchdog = Task { [weak self] in
            guard (try? await clock.sleep(until: deadline)) != nil else { return }
            await self?.expire(number, key)
        }
        entries[key]?.flight = CredentialEntry.Flight(number: number, task: nil, watchdog: watchdog)
        switch gates[key.provider, default: ProviderGate()].enter(key, at: clock.now) {
        case .go: launch(key)
        case .queued: break
        case .refused(let failure, let until):
            endFlight(key)
            entries[key]?.lifecycle.blocked(by: failure, until: until, flight: number)
            settle(key)
        }
    }

    private func launch(_ key: CredentialKey) {
        guard let entry = entries[key], let number = entry.flight?.number else { return leave(key) }
        let landing = flight(key, entry.unsaved)
        entries[key]?.flight?.task = Task { [weak self] in
            switch landing {
            case .success(let flight): await self?.land(await flight.run(), number, key)
            case .failure(let failure): await self?.land(.failed(failure), number, key)
            }
        }
    }

    private func flight(
        _ key: CredentialKey, _ unsaved: CredentialEntry.Unsaved?
    ) -> Result<TokenFlight, TokenFailure> {
        guard let provider = try? provider(key.provider) else {
            return .failure(TokenFailure(thrown: CancellationError(), Provider(name: key.provider, preset: .generic)))
        }
        return .success(
            TokenFlight(
                key: key, provider: provider, consent: provider.scopes(for: settings?.services(of: key) ?? []),
                preferredSecret: workingSecret[key.provider] ?? 0, jitter: .random(in: 0...1, using: &generator),
                unsaved: unsaved, knownReason: entries[key]?.lifecycle.lastFailure?.reason, vault: vault,
                exchange: exchange))
    }

    // MARK: Landing

    private func land(_ landing: TokenFlight.Landing, _ number: Int, _ key: CredentialKey) {
        // A flight that was given up, or overtaken by a new consent, changes nothing any more.
        guard entries[key]?.flight?.number == number else { return }
        endFlight(key)
        switch landing {
        case .granted(let grant, let secret):
            workingSecret[key.provider] = secret
            granted(grant, number, key)
        case .unsaved(let unsaved, let failure, let secret):
            workingSecret[key.provider] = secret
            entries[key]?.unsaved = unsaved
            reopen(key.provider)
            failed(failure, number, key)
        case .failed(let failure):
            failed(failure, number, key)
        case .vanished:
            entries[key]?.lifecycle.vanished(flight: number)
        case .superseded(let stored):
            replace(key, with: stored)
        }
        leave(key)
        settle(key)
    }

    private func granted(_ grant: KeptGrant, _ number: Int, _ key: CredentialKey) {
        guard let token = grant.accessToken, let due = grant.refreshDue else { return }
        entries[key]?.unsaved = nil
        entries[key]?.lifecycle.granted(TokenLifecycle.Held(token: token, due: due), flight: number)
        if let identity = grant.identity { entries[key]?.identity = identity }
        if let expires = grant.refreshTokenExpires { entries[key]?.consentExpires = expires }
        log.record(.tokenRefreshed(provider: key.provider, credential: key.description, validUntil: token.expires))
        reopen(key.provider)
    }

    private func failed(_ failure: TokenFailure, _ number: Int, _ key: CredentialKey) {
        let now = clock.now
        let before = entries[key]?.lifecycle.lastFailure
        switch (failure.kind, failure.reach) {
        case (.temporary(let asked), _):
            let failures = entries[key]?.lifecycle.failuresInARow ?? 1
            let wait = RefreshBackoff.wait(afterFailures: failures, serverAsks: asked, using: &generator)
            entries[key]?.lifecycle.failed(failure.failure, flight: number, at: now, wait: wait)
            report(failure.failure, after: before, key)
        case (_, .provider):
            close(failure.failure, number, key, at: now)
        case (_, .credential):
            entries[key]?.lifecycle.refused(failure.failure, flight: number, at: now)
            report(failure.failure, after: before, key)
            reopen(key.provider)
        }
    }

    /// Told when it begins and when it changes, not at each repetition.
    private func report(_ failure: Failure, after before: Failure?, _ key: CredentialKey) {
        guard before?.reason != failure.reason else { return }
        log.record(.failure(failure, [EventField("CREDENTIAL", key.description)]))
    }

    // MARK: The provider as a whole

    /// The provider refuses the app: told once, and everybody who was queued is sent away.
    private func close(_ failure: Failure, _ number: Int, _ key: CredentialKey, at now: Timestamp) {
        let closing = gates[key.provider, default: ProviderGate()].refused(failure, by: key, at: now)
        if closing.isNews { log.record(.failure(failure, [EventField("PROVIDER", key.provider.text)])) }
        entries[key]?.lifecycle.blocked(by: failure, until: closing.until, flight: number)
        for other in closing.sentAway {
            guard let flight = entries[other]?.flight?.number else { continue }
            endFlight(other)
            entries[other]?.lifecycle.blocked(by: failure, until: closing.until, flight: flight)
            settle(other)
        }
    }

    /// The provider accepts the app. If it did not before, whoever was held up by that goes on.
    func reopen(_ provider: ProviderName) {
        guard let failure = gates[provider]?.accepted() else { return }
        for key in Array(entries.keys)
        where key.provider == provider && entries[key]?.lifecycle.lastFailure == failure {
            retry(key)
        }
    }

    // MARK: The end of a flight

    /// The request and everything around it took too long.
    private func expire(_ number: Int, _ key: CredentialKey) {
        guard entries[key]?.flight?.number == number else { return }
        let failure = Failure(
            .account, .later(after: nil), operation: "request token",
            reason: "There was no reply within \(Limits.flight.components.seconds) s. It is tried again.",
            place: ["provider": key.provider.text])
        land(.failed(TokenFailure(onTheWay: failure)), number, key)
    }

    private func endFlight(_ key: CredentialKey) {
        entries[key]?.flight?.task?.cancel()
        entries[key]?.flight?.watchdog.cancel()
        entries[key]?.flight = nil
    }

    private func leave(_ key: CredentialKey) {
        if let next = gates[key.provider]?.leave(key, at: clock.now) { launch(next) }
    }

    /// Puts what is stored in the place of what was held. A flight on its way is void.
    func replace(_ key: CredentialKey, with stored: KeptCredential?) {
        let waiters = entries[key]?.waiters ?? [:]
        if entries[key]?.flight != nil {
            endFlight(key)
            leave(key)
        }
        var entry = CredentialEntry(stored, key: key, now: clock.now)
        entry.waiters = waiters
        entries[key] = entry
        if let flight = entries[key]?.lifecycle.tick(at: clock.now, wanted: !waiters.isEmpty) { start(flight, key) }
        settle(key)
    }

    /// Nobody needs the credential any more.
    func drop(_ key: CredentialKey) {
        guard let entry = entries[key] else { return }
        if entry.flight != nil {
            endFlight(key)
            leave(key)
        }
        entries[key] = nil
        for waiter in entry.waiters.values { waiter.continuation.resume(throwing: CancellationError()) }
    }
}
