import Authorization
import ConfigurationFile
import Delivery
import Diagnostics
import Fetching
import MailModel
import Operations
import Sending
import Sessions
import Store
import Transport

/// The whole service: settings in force, one worker for each account, and what they share.
public actor Daemon {
    /// What the daemon stands on; made by `Service`, or by a test.
    public struct Ground: Sendable {
        public var reader: ConfigurationReader
        public var store: Store
        public var loops: EventLoops
        public var secrets: ConfiguredSecrets
        public var log: EventLog
        public var clock: any WallClock
        public var hostName: String

        public init(
            reader: ConfigurationReader, store: Store, loops: EventLoops, secrets: ConfiguredSecrets, log: EventLog,
            clock: any WallClock, hostName: String
        ) {
            self.reader = reader
            self.store = store
            self.loops = loops
            self.secrets = secrets
            self.log = log
            self.clock = clock
            self.hostName = hostName
        }
    }

    let ground: Ground
    let tokens: TokenKeeper
    let started: Timestamp
    let proxy = ProxyInForce()
    let taps: TraceTaps
    /// The traces under way.
    var traces: [Int: RunningTrace] = [:]
    var lastTrace = 0
    var configuration: LoadedConfiguration
    var configurationLoaded: Timestamp
    var rules = AccessRules()
    /// The numbers of the accounts in force.
    var accountIDs: [AccountName: AccountID] = [:]
    var workers: [AccountName: AccountWorker] = [:]
    /// What is one at a time for each account, whether it has a fetcher or not; a reload changes nothing about them.
    private var turnstiles: [AccountID: Turnstile] = [:]
    private let identities = IdentityAllowance()
    var imports = RunningImports()
    var signIns: [String: DeviceSignIn] = [:]
    /// The accounts that a doctor looks through.
    var doctors: Set<AccountName> = []
    var browserSignIns = BrowserSignIns()
    /// How the web console is reached; of the start, because its listener is.
    let console: ConsoleSettings?
    var linkSignIns = LinkSignIns()
    /// The live checks after sign-ins with a link, by their results.
    var linkChecks: [String: Task<Void, Never>] = [:]
    /// The accounts of the first settings were started; from then on reloads do it.
    var hasBegun = false
    var isStopping = false
    /// The start or the latest reload, over or not.
    private var latest: Task<Void, Never>?
    private var maintenance: Task<Void, Never>?
    var nightly = NightlyAudits()
    private var auditing: Task<Void, Never>?
    private var noticing: Task<Void, Never>?
    let noticeNap = Nap()
    /// Why no mail could be sent to the owners that should hear of a missing consent, by its notice key.
    var ownersUntold: [String: String] = [:]
    /// When each provider's certificates end, as of the last look, in the order of the configuration.
    var certificateEnds: [ProviderName: [Timestamp]] = [:]

    var settings: Settings { configuration.settings }
    var store: Store { ground.store }
    var clock: any WallClock { ground.clock }
    var log: EventLog { ground.log }

    public init(_ ground: Ground, configuration: LoadedConfiguration) {
        self.ground = ground
        self.configuration = configuration
        console = configuration.settings.console
        started = ground.clock.now
        configurationLoaded = started
        taps = TraceTaps(clock: ground.clock)
        let transport = HTTPSTokenTransport(HTTPSClient(loop: ground.loops.next())) { [proxy] in proxy.value }
        let secrets = ground.secrets
        tokens = TokenKeeper(
            vault: StoreVault(ground.store, clock: ground.clock), transport: transport,
            readSecret: { try await secrets.read($0) }, clock: ground.clock, log: ground.log,
            traces: { [taps] in taps.taps(of: $0) })
    }

    // MARK: Starting and stopping

    /// Brings everything to work. Nothing is fetched or sent before what a crash left unfinished is in order.
    public func start() async throws { try await afterTheOthers { try await self.begin() } }

    /// The start and the reloads run one after the other: two that compare with the same settings, or a reload in the
    /// middle of the start, would start the same account twice.
    func afterTheOthers<Value: Sendable>(
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let before = latest
        let task = Task {
            await before?.value
            return try await work()
        }
        latest = Task { _ = await task.result }
        return try await task.value
    }

    private func begin() async throws {
        try await endInterruptedAttempts()
        let prepared = try await prepare(settings, before: nil)
        for warning in prepared.warnings {
            log.record(.configurationWarning(position: ground.reader.path, reason: warning))
        }
        takeIntoForce(settings, prepared)
        try await sweepStaging()
        hasBegun = true
        var firstTurn = clock.now
        for account in settings.accounts.values.sorted(by: { $0.name < $1.name }) {
            start(account, firstTurn: firstTurn)
            firstTurn = firstTurn + Limits.firstTurnSpacing
        }
        maintenance = Task { await self.maintain() }
        auditing = Task { await self.auditNightly() }
        noticing = Task { await self.notice() }
    }

    /// Ends all work: no new turn begins, and what is past the point of no return is awaited, at most `deadline`.
    public func stop(within deadline: Duration) async {
        isStopping = true
        endTraces("Postbote is stopping")
        maintenance?.cancel()
        auditing?.cancel()
        noticing?.cancel()
        for signIn in signIns.values { signIn.task.cancel() }
        for check in linkChecks.values { check.cancel() }
        let importing = imports.cancel()
        let ending = Array(workers.values)
        workers = [:]
        // What is not over by then finds its way at the next start.
        await clock.wait(atMost: deadline) { [clock] in
            await withTaskGroup { workers in
                for worker in ending { workers.addTask { await worker.stop(by: clock) } }
                for task in importing { workers.addTask { _ = await task.result } }
            }
        }
        await tokens.shutDown()
    }

    private func endInterruptedAttempts() async throws {
        while true {
            let now = clock.now
            let ended = try await store.write { try $0.queue.endInterrupted(at: now) }
            guard !ended.isEmpty else { return }
        }
    }

    /// Makes the settings known to those who keep a part of them. Nothing here can fail.
    func takeIntoForce(_ settings: Settings, _ prepared: Prepared) {
        proxy.value = prepared.proxy
        taps.take(settings)
        accountIDs = prepared.accountIDs
        rules = prepared.rules
        let levels = settings.accounts.values.compactMap { account in
            account.logLevel.map { (account.name.text, Event.Severity($0)) }
        }
        log.levels.replace(Event.Severity(settings.logLevel), accounts: Dictionary(uniqueKeysWithValues: levels))
    }

    /// The proxy with its password.
    func resolvedProxy(of settings: Settings) async throws -> Proxy? {
        guard let proxy = settings.proxy else { return nil }
        var password: Secret?
        if let source = proxy.password { password = try await ground.secrets.read(source) }
        return Proxy(url: proxy.url, user: proxy.user, password: password, except: proxy.except)
    }

    /// Removes what crashes left in the Maildirs' staging. Only the folders known so far can have any.
    private func sweepStaging() async throws {
        var maildirs: [Maildir] = []
        for account in settings.accounts.values {
            guard let receive = account.receive,
                let stored = try await store.read({ try $0.accounts.find(account.name) })
            else { continue }
            let folders = try await store.read { try $0.folders.all(of: stored.id) }
            for folder in folders {
                for (name, maildir) in maildirSettings where receive.uses(name) {
                    let path = FolderPath(decoding: folder)
                    let destination = try? MaildirDestination(name, settings: maildir, account: account, folder: path)
                    if let destination { maildirs.append(destination.maildir) }
                }
            }
        }
        let recovery = DeliveryRecovery(store: store, clock: clock)
        _ = try await recovery.sweep(maildirs, startedAt: started)
    }

    private func maintain() async {
        while !Task.isCancelled {
            await purge()
            try? await clock.sleep(for: Limits.purgeInterval)
        }
    }

    private func purge() async {
        while !Task.isCancelled {
            let now = clock.now
            let retention = settings.retention
            let purged = try? await store.write { transaction in
                try transaction.signInLinks.purge(at: now)
                return try transaction.queue.purge(retention, at: now, limit: Limits.purgedAtOnce)
            }
            guard let purged, purged.bodies + purged.messages > 0 else { return }
        }
    }

    // MARK: Accounts

    /// The Maildirs among the destinations.
    var maildirSettings: [DestinationName: MaildirSettings] {
        settings.destinations.compactMapValues { destination in
            if case .maildir(let maildir) = destination.kind { maildir } else { nil }
        }
    }

    /// The accounts' numbers; those without one get theirs.
    func storedIDs(of settings: Settings) async throws -> [AccountName: AccountID] {
        let now = clock.now
        return try await store.write { transaction in
            try settings.accounts.mapValues { account in
                let id = try transaction.accounts.ensure(account.name, previously: account.previously, at: now)
                let credentials = settings.credentialKeys(of: account).map {
                    CredentialName(provider: $0.provider, subject: $0.subject)
                }
                try transaction.accounts.setCredentials(of: id, Set(credentials))
                return id
            }
        }
    }

    func start(_ account: Account, firstTurn: Timestamp) {
        guard let id = accountIDs[account.name] else {
            preconditionFailure("accounts are numbered before they start")
        }
        var worker = AccountWorker(account: account, id: id)
        worker.receiving = fetcher(of: account, id, firstTurn: firstTurn)
        worker.sending = sender(of: account, id)
        workers[account.name] = worker
    }

    func fetcher(
        of account: Account, _ id: AccountID, firstTurn: Timestamp
    ) -> AccountWorker.Running<AccountFetcher>? {
        guard let receive = AccountWorker.receives(account),
            let provider = settings.providers[receive.signIn.provider]
        else { return nil }
        let connector = AccountMailbox(
            opener: opener(of: account.name), settings: receive, provider: provider,
            numbering: LedgerNumbering(store: store, account: id))
        let fetcher = AccountFetcher(
            account: account, settings: receive, accountID: id, destinations: maildirSettings, connector: connector,
            environment: FetchingEnvironment(
                store: store, clock: clock, log: log, hostName: ground.hostName, identities: identities),
            firstTurn: firstTurn, turnstile: turnstile(of: id))
        return AccountWorker.Running(worker: fetcher, task: Task { await fetcher.run() })
    }

    /// Nobody knows of the account any more.
    func removeTurnstile(of id: AccountID) { turnstiles[id] = nil }

    func turnstile(of id: AccountID) -> Turnstile {
        if let turnstile = turnstiles[id] { return turnstile }
        let turnstile = Turnstile()
        turnstiles[id] = turnstile
        return turnstile
    }

    func sender(of account: Account, _ id: AccountID) -> AccountWorker.Running<AccountSender>? {
        guard let send = AccountWorker.sends(account), let provider = settings.providers[send.signIn.provider]
        else { return nil }
        let sender = AccountSender(
            account: account, settings: send, accountID: id,
            connector: AccountSubmission(
                opener: opener(of: account.name), settings: send, provider: provider,
                logins: logins(of: account.name, id)),
            environment: sendingEnvironment)
        return AccountWorker.Running(worker: sender, task: Task { await sender.run() })
    }

    func logins(of account: AccountName, _ id: AccountID) -> StoredLogins {
        StoredLogins(store: store, account: id, name: account, clock: clock, log: log)
    }

    var sendingEnvironment: SendingEnvironment { SendingEnvironment(store: store, clock: clock, log: log) }

    func opener(of account: AccountName) -> SessionOpener {
        SessionOpener(tokens: tokens, loops: ground.loops, proxy: proxy.value, trace: taps.tap(of: account))
    }

    /// For the watchdog: every loop, the writer and this actor answered.
    public func ping() async {
        await ground.loops.ping()
        await store.ping()
    }
}
