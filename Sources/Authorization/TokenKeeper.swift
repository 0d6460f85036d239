import Diagnostics
import MailModel

/// Keeps a valid access token at hand for every account.
///
/// One flight per credential, whoever asks; refreshed in the background well before its end; a rotated refresh token is
/// durable before the access token that came with it is handed out. A refusal parks the credential: everybody gets the same
/// failure at once, and the provider is asked again only by probes, or when something may have been mended.
public actor TokenKeeper {
    let vault: any CredentialVault
    let exchange: TokenExchange
    /// Where the requests about a credential can be listened to.
    private let traces: @Sendable (CredentialKey) -> [TraceTap]
    let clock: any WallClock
    let log: EventLog
    var generator: any RandomNumberGenerator & Sendable

    var settings: Settings?
    /// What the accounts do with each credential, of the same settings: asked for with each token, of thousands of accounts.
    var services: [CredentialKey: Set<MailService>] = [:]
    var entries: [CredentialKey: CredentialEntry] = [:]
    /// At most one a credential, whatever becomes of its entry.
    var flights: [CredentialKey: Departure] = [:]
    var lastFlight = 0
    var unsaved: [CredentialKey: CredentialEntry.Unsaved] = [:]
    var gates: [ProviderName: ProviderGate] = [:]
    /// Which of a provider's proofs of the client are accepted, since the configuration was read.
    var proofs: [ProviderName: ClientProofs] = [:]
    private var nextWaiter = 0
    private var alarm: (at: Timestamp, task: Task<Void, Never>)?
    private(set) var isShutDown = false
    /// Sign-ins and imports under way.
    private var undertakings: [Int: Undertaking] = [:]
    private var lastUndertaking = 0

    public init(
        vault: any CredentialVault, transport: any TokenTransport, readSecret: @escaping SecretReader,
        clock: any WallClock = SystemClock(), log: EventLog = .silent,
        generator: any RandomNumberGenerator & Sendable = SystemRandomNumberGenerator(),
        traces: @escaping @Sendable (CredentialKey) -> [TraceTap] = { _ in [] }
    ) {
        self.vault = vault
        exchange = TokenExchange(transport: transport, readSecret: readSecret, clock: clock)
        self.clock = clock
        self.log = log
        self.generator = generator
        self.traces = traces
    }

    /// For requests about one credential.
    func exchange(about key: CredentialKey) -> TokenExchange {
        var exchange = exchange
        exchange.traces = traces(key)
        return exchange
    }

    // MARK: Tokens

    /// What signs in at the mail server: a valid access token, or the account's password.
    ///
    /// - Throws: `Failure`, scope account: `later` while the provider cannot be reached, `whenReauthorized` and
    ///   `whenReconfigured` when it refused; `CancellationError`.
    public func credential(for signIn: SignInSettings) async throws -> SignInCredential {
        let provider = try provider(of: signIn)
        guard provider.grant == .password else { return .token(try await accessToken(for: signIn)) }
        guard let source = signIn.password else {
            throw provider.misconfigured(
                "sign in", "The grant is password and the account has none: write password: into it.")
        }
        return .password(try await exchange.readSecret(source))
    }

    /// An access token that is valid now. Throws as `credential(for:)`.
    public func accessToken(for signIn: SignInSettings) async throws -> AccessToken {
        let key = try await load(signIn)
        let now = clock.now
        if let flight = entries[key]?.lifecycle.tick(at: now, wanted: true) { start(flight, key) }
        return try await wait(for: key, insteadOf: nil)
    }

    /// A newer token than the one at hand, however young that is.
    ///
    /// - Throws: as `credential(for:)`, also while the token at hand is still good: why there is no newer one.
    public func newToken(for signIn: SignInSettings) async throws -> AccessToken {
        let key = try await load(signIn)
        let now = clock.now
        let present = entries[key]?.lifecycle.token
        let demanded = entries[key]?.lifecycle.demanded()
        if let flight = demanded ?? entries[key]?.lifecycle.tick(at: now, wanted: true) { start(flight, key) }
        return try await wait(for: key, insteadOf: present)
    }

    /// A newer token than `refused`, which a mail server did not accept.
    ///
    /// - Returns: `nil` when `refused` is fresh already, so that the cause is another one: a refusal that counts for
    ///   `SignInVerdict`. However many accounts ask, a credential is refreshed for this reason once in five minutes.
    /// - Throws: as `credential(for:)`, also while `refused` has not ended: it is old and there is no newer one, so
    ///   that nobody knows what the mail server's refusal means. It does not count.
    public func replacement(for refused: AccessToken, of signIn: SignInSettings) async throws -> AccessToken? {
        let key = try await load(signIn)
        let now = clock.now
        guard let (isFresh, forced) = entries[key]?.lifecycle.refused(refused, at: now), !isFresh else { return nil }
        if let flight = forced ?? entries[key]?.lifecycle.tick(at: now, wanted: true) { start(flight, key) }
        return try await wait(for: key, insteadOf: refused)
    }

    /// How the credential stands; `nil` for a password.
    public func status(of signIn: SignInSettings) async throws -> CredentialStatus? {
        let provider = try provider(of: signIn)
        guard provider.grant != .password else { return nil }
        let key = try await load(signIn)
        guard let entry = entries[key] else { return nil }
        let lifecycle = entry.lifecycle
        let failure = lifecycle.lastFailure
        let isRefreshing = flights[key] != nil
        return CredentialStatus(
            state: failure.map { DirectionState($0.retry) } ?? .ok, validUntil: lifecycle.token?.expires,
            next: lifecycle.next, isRefreshing: isRefreshing, failure: failure, identity: entry.identity,
            missingScopes: TokenScopes.missing(
                of: provider.scopes(for: services[key] ?? []), granted: entry.scopes),
            consentExpires: entry.consentExpires)
    }

    // MARK: The world changes

    /// Takes the configuration into force, at the start and at every reload: what is stored is loaded, tokens that are
    /// still valid go on, and whatever waits or is parked is tried at once.
    public func apply(_ settings: Settings) async throws {
        let stored = try await vault.credentials()
        await exchange.discovery.keep(Set(settings.providers.keys))
        self.settings = settings
        services = settings.services
        let wanted = settings.credentialKeys
        for key in Array(entries.keys) where !wanted.contains(key) || isOfAnotherGrant(key) { drop(key) }
        for credential in stored where wanted.contains(credential.key) && entries[credential.key] == nil {
            entries[credential.key] = entry(credential.key, credential)
        }
        for key in wanted where entries[key] == nil {
            entries[key] = entry(key, nil)
        }
        for name in gates.keys { gates[name]?.mended() }
        proofs = [:]
        for key in wanted { retry(key) }
        ring()
    }

    /// Tries again at once what waits or is parked: somebody runs doctor, or says that it was mended.
    public func retryNow(_ signIn: SignInSettings) async throws {
        await exchange.discovery.mended()
        let key = try await load(signIn)
        gates[key.provider]?.mended()
        retry(key)
    }

    /// Ends: whoever waits gets `CancellationError` at once, and what only queued is not sent any more.
    ///
    /// Returns when every request that had been sent has its reply, and what it brought is stored: the provider may
    /// have replaced a refresh token already. A request ends by itself after at most 30 s.
    public func shutDown() async {
        isShutDown = true
        alarm?.task.cancel()
        alarm = nil
        for key in Array(entries.keys) { drop(key) }
        for undertaking in undertakings.values { undertaking.cancel() }
        for undertaking in undertakings.values { await undertaking.over() }
        for case .running(let task, _) in flights.values.map(\.stage) { await task.value }
        // The last chance of tokens that a full disk kept waiting. What fails now has been told before.
        for (key, unsaved) in unsaved {
            _ = try? await vault.keepTokens(key, unsaved.grant, ifVersion: unsaved.version)
        }
    }

    // MARK: Sign-ins under way

    private struct Undertaking: Sendable {
        let cancel: @Sendable () -> Void
        let over: @Sendable () async -> Void
    }

    /// Work that `shutDown` cancels and awaits, also when its caller has gone.
    func undertake<Result: Sendable>(_ work: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let task = Task { try await work() }
        if isShutDown { task.cancel() }
        lastUndertaking += 1
        let number = lastUndertaking
        undertakings[number] = Undertaking(cancel: { task.cancel() }, over: { _ = await task.result })
        defer { undertakings[number] = nil }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    // MARK: Waiting

    private func wait(for key: CredentialKey, insteadOf refused: AccessToken?) async throws -> AccessToken {
        guard let entry = entries[key], !isShutDown else { throw CancellationError() }
        guard entry.waiters.count < Limits.waitersPerCredential else { throw TokenKeeper.tooManyWait }
        nextWaiter += 1
        let number = nextWaiter
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                entries[key]?.waiters[number] = CredentialEntry.Waiter(insteadOf: refused, continuation: continuation)
                settle(key)
            }
        } onCancel: {
            Task { await self.abandon(number, key) }
        }
    }

    private func abandon(_ waiter: Int, _ key: CredentialKey) {
        entries[key]?.waiters.removeValue(forKey: waiter)?.continuation.resume(throwing: CancellationError())
    }

    /// Answers everybody who can be answered, and plans what comes next.
    func settle(_ key: CredentialKey) {
        guard let entry = entries[key] else { return }
        let now = clock.now
        for (number, waiter) in entry.waiters {
            guard let result = entry.result(for: waiter, at: now) else { continue }
            entries[key]?.waiters[number] = nil
            waiter.continuation.resume(with: result)
        }
        if let next = entry.lifecycle.next { setAlarm(next) }
    }

    private static let tooManyWait = Failure(
        .account, .later(after: nil), operation: "wait for token",
        reason: "Too many connections wait for the same token; the provider answers too slowly.")

    // MARK: Time

    /// Looks after everything whose time has come.
    private func ring() {
        let now = clock.now
        alarm?.task.cancel()
        alarm = nil
        for key in Array(entries.keys) {
            if let flight = entries[key]?.lifecycle.tick(at: now, wanted: false) { start(flight, key) }
        }
        if let next = entries.values.lazy.compactMap(\.lifecycle.next).min() { setAlarm(next) }
    }

    private func setAlarm(_ moment: Timestamp) {
        // Not too far ahead, so that a clock that is set back delays nothing for long.
        let moment = min(moment, clock.now + Limits.longestSleep)
        guard !isShutDown, alarm.map({ moment < $0.at }) ?? true else { return }
        alarm?.task.cancel()
        let clock = clock
        let task = Task { [weak self] in
            guard (try? await clock.sleep(until: moment)) != nil else { return }
            await self?.ring()
        }
        alarm = (moment, task)
    }
}
