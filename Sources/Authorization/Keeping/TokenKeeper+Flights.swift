import Diagnostics
import MailModel

extension TokenKeeper {
    // MARK: Departure

    /// Something may have been mended.
    func retry(_ key: CredentialKey) {
        if let flight = entries[key]?.lifecycle.mended() { start(flight, key) }
    }

    func start(_ number: Int, _ key: CredentialKey) {
        guard !isShutDown else { return }
        guard flights[key] == nil else {
            flights[key]?.following = number
            return
        }
        lastFlight += 1
        flights[key] = Departure(lastFlight, number: number)
        switch gates[key.provider, default: ProviderGate()].enter(key, at: clock.now) {
        case .go: launch(key)
        case .queued: break
        case .refused(let failure, let until):
            flights[key] = nil
            entries[key]?.lifecycle.blocked(by: failure, until: until, flight: number)
            settle(key)
        }
    }

    private func launch(_ key: CredentialKey) {
        guard let identity = flights[key]?.identity else { return leave(key) }
        let landing = flight(key, unsaved[key])
        let task = Task { [weak self] in
            let (landed, proofs): (TokenFlight.Landing, ClientProofs.Use) =
                switch landing {
                case .success(let flight): await flight.run()
                case .failure(let failure): (.failed(failure), ClientProofs.Use())
                }
            await self?.land(landed, key, proofs)
        }
        // From here on, and not from the place in the queue: those ahead may take their time.
        let clock = clock
        let deadline = clock.now + Limits.flight
        let watchdog = Task { [weak self] in
            guard (try? await clock.sleep(until: deadline)) != nil else { return }
            await self?.late(identity, key)
        }
        flights[key]?.stage = .running(task, watchdog: watchdog)
    }

    private func flight(
        _ key: CredentialKey, _ unsaved: CredentialEntry.Unsaved?
    ) -> Result<TokenFlight, TokenFailure> {
        guard let provider = try? provider(key.provider) else {
            return .failure(TokenFailure(thrown: CancellationError(), Provider(name: key.provider, preset: .generic)))
        }
        return .success(
            TokenFlight(
                key: key, provider: provider, consent: provider.scopes(for: services[key] ?? []),
                preferredProof: preferredProof(of: provider), jitter: .random(in: 0...1, using: &generator),
                unsaved: unsaved, knownReason: entries[key]?.lifecycle.lastFailure?.reason, vault: vault,
                exchange: exchange(about: key)))
    }

    // MARK: Landing

    private func land(_ landing: TokenFlight.Landing, _ key: CredentialKey, _ proofs: ClientProofs.Use) {
        note(proofs, of: key.provider)
        guard let departure = flights.removeValue(forKey: key) else { return }
        if case .running(_, let watchdog) = departure.stage { watchdog.cancel() }
        guard let number = departure.number else { return landTooLate(landing, departure, key) }
        switch landing {
        case .granted(let grant):
            granted(grant, number, key)
        case .unsaved(let grant, let failure):
            unsaved[key] = grant
            reopen(key.provider)
            failed(failure, number, key)
        case .failed(let failure):
            failed(failure, number, key)
        case .vanished:
            entries[key]?.lifecycle.vanished(flight: number)
        case .superseded(let stored):
            leave(key)
            return replace(key, with: stored)
        }
        leave(key)
        settle(key)
    }

    /// What nobody waits for is stored already, and tells only how the provider stands.
    private func landTooLate(_ landing: TokenFlight.Landing, _ departure: Departure, _ key: CredentialKey) {
        switch landing {
        case .granted: reopen(key.provider)
        case .unsaved(let grant, _):
            if departure.standing == .dropped { unsaved[key] = grant }
            reopen(key.provider)
        case .failed, .vanished, .superseded: break
        }
        leave(key)
        if let next = departure.following { start(next, key) }
    }

    private func granted(_ grant: KeptGrant, _ number: Int, _ key: CredentialKey) {
        guard let token = grant.accessToken, let due = grant.refreshDue else { return }
        unsaved[key] = nil
        entries[key]?.lifecycle.granted(TokenLifecycle.Held(token: token, due: due), flight: number)
        if let identity = grant.identity { entries[key]?.identity = identity }
        if !grant.scopes.isEmpty { entries[key]?.scopes = grant.scopes }
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
        case (_, .unclear) where gates[key.provider, default: ProviderGate()].isOfApp(refusing: key):
            close(failure.failure, number, key, at: now)
        case (_, .unclear):
            refused(failure.failure, number, key, after: before, at: now)
        case (_, .credential):
            refused(failure.failure, number, key, after: before, at: now)
            reopen(key.provider)
        }
    }

    private func refused(
        _ failure: Failure, _ number: Int, _ key: CredentialKey, after before: Failure?, at now: Timestamp
    ) {
        entries[key]?.lifecycle.refused(failure, flight: number, at: now)
        report(failure, after: before, key)
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
            guard let flight = flights.removeValue(forKey: other)?.number else { continue }
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

    /// The request and everything around it took too long. Nobody waits any longer; but it is broken off only where
    /// nothing was sent yet, and what was sent is waited for before anything else is.
    private func late(_ identity: Int, _ key: CredentialKey) {
        guard let departure = flights[key], departure.identity == identity, let number = departure.number,
            case .running(let task, _) = departure.stage
        else { return }
        let failure = Failure(
            .account, .later(after: nil), operation: "request token",
            reason: "There was no reply within \(Limits.flight.components.seconds) s. It is still waited for.",
            place: ["provider": key.provider.text])
        let before = entries[key]?.lifecycle.lastFailure
        task.cancel()
        entries[key]?.lifecycle.late(failure, flight: number)
        report(failure, after: before, key)
        settle(key)
    }

    /// A flight is not wanted any more. What is on the wire goes on and is stored, and until it lands no other one
    /// leaves.
    private func giveUp(_ key: CredentialKey, _ standing: Departure.Standing) {
        switch flights[key]?.stage {
        case nil: break
        case .queued:
            flights[key] = nil
            leave(key)
        case .running(let task, let watchdog):
            task.cancel()
            watchdog.cancel()
            flights[key]?.standing = standing
            flights[key]?.following = nil
        }
    }

    private func leave(_ key: CredentialKey) {
        if let next = gates[key.provider]?.leave(key, at: clock.now) { launch(next) }
    }

    /// Puts what is stored in the place of what was held. A flight on its way is void.
    func replace(_ key: CredentialKey, with stored: KeptCredential?) {
        let waiters = entries[key]?.waiters ?? [:]
        giveUp(key, .overtaken)
        unsaved[key] = nil
        var entry = self.entry(key, stored)
        entry.waiters = waiters
        entries[key] = entry
        if let flight = entries[key]?.lifecycle.tick(at: clock.now, wanted: !waiters.isEmpty) { start(flight, key) }
        settle(key)
    }

    /// Nobody needs the credential any more.
    func drop(_ key: CredentialKey) {
        guard let entry = entries.removeValue(forKey: key) else { return }
        giveUp(key, .dropped)
        for waiter in entry.waiters.values { waiter.continuation.resume(throwing: CancellationError()) }
    }
}
