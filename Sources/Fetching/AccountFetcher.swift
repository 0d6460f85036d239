import Authorization
import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

/// Receives the mail of one account: turn by turn, on schedule or when asked, on one connection that is kept between turns.
///
/// It belongs to whoever runs `run()`; cancelling that task ends it after what is in staging was delivered.
public actor AccountFetcher {
    let account: Account
    let settings: ReceiveSettings
    let accountID: AccountID
    private let destinations: [DestinationName: MaildirSettings]
    private let connector: any MailboxConnector
    let environment: FetchingEnvironment
    private var generator = SystemRandomNumberGenerator()

    public internal(set) var status: ReceiveStatus
    private var session: FetchSession?
    /// The staged messages of an earlier turn or process may be waiting to be published.
    var needsRecovery = true
    var wantsTurn = false
    let nap = Nap()
    /// Nobody will run another turn.
    private(set) var hasEnded = false
    /// Somebody asks for mail now: perhaps in a folder that was made a moment ago.
    private var wantsFolders = false
    private let unsettled = UnsettledFiles()
    /// What came of orders about fetched mail, for those who wait.
    let outcomes = OrderOutcomes()
    /// When each folder was last looked through for what is older than `delete_after`.
    private var deletionsPlanned: [String: Timestamp] = [:]
    /// The same of a Sent folder that is not watched, and what it did not allow then.
    var sentDeletionTried: Timestamp?
    var sentDeletionFailure: [String: Failure] = [:]
    var notOurs = SentDeletion.Others()
    var waiters = FetchWaiters()
    /// Fetches old mail too, where there is much.
    let second: SecondSession
    var mayHaveSecond = false
    /// What waits behind new mail, by the folder's server name.
    var backlogs: [String: Backlog] = [:]
    /// Why the old mail of single folders could not be fetched, by folder.
    var backfillFailures: [String: Failure] = [:]
    /// How often the fetching of old mail ended with its session, in a row.
    var lostBackfills = 0
    /// Until when an operator paused the account, and the fetching of old mail alone.
    var hasRecalledPauses = false
    var pause: Timestamp?
    var backfillPause: Timestamp?
    var audits = Audits()
    /// One turn at a time, and none while somebody else needs the mailbox for himself.
    let turnstile: Turnstile

    /// - Parameters:
    ///   - destinations: the Maildirs among the configuration's destinations, by name.
    ///   - firstTurn: when the first turn is due: a daemon with many accounts spreads them.
    ///   - turnstile: the account's, which whoever fetched for it before had, too.
    public init(
        account: Account, settings: ReceiveSettings, accountID: AccountID,
        destinations: [DestinationName: MaildirSettings], connector: any MailboxConnector,
        environment: FetchingEnvironment, firstTurn: Timestamp, turnstile: Turnstile = Turnstile()
    ) {
        self.account = account
        self.settings = settings
        self.accountID = accountID
        self.destinations = destinations
        self.connector = connector
        self.environment = environment
        self.turnstile = turnstile
        second = SecondSession(account.name, connector, environment.clock, environment.log)
        status = ReceiveStatus(health: DirectionHealth(at: environment.clock.now))
        status.next = firstTurn
    }

    // MARK: Running

    public func run() async {
        await withTaskCancellationHandler {
            await runTurns()
        } onCancel: { [running = audits.running] in
            running.cancel()
        }
        hasEnded = true
        audits.running.cancel()
        await closeSession()
        waiters.end(with: AccountFetcher.stopping)
    }

    private func runTurns() async {
        while !Task.isCancelled {
            if pause != nil {
                await waitForResume()
            } else if isTurnDue {
                await apart { await self.turn() }
            } else if canBackfill {
                await apart { await self.backfill() }
            } else if mayHaveSecond {
                // Somebody may have woken the fetcher meanwhile: all is asked anew before it sleeps.
                mayHaveSecond = false
                await second.close()
            } else {
                await waitForTurn()
            }
        }
    }

    /// A task keeps the stack of its deepest calls until it ends, 15 KB of it, and the fetcher's own sleeps nearly always.
    private func apart(_ work: @escaping @Sendable () async -> Void) async {
        // Who is cancelled while waiting ends without another turn.
        try? await turnstile.pass {
            await withDiscardingTaskGroup { $0.addTask(operation: work) }
        }
    }

    /// New mail is to be looked for now.
    var isTurnDue: Bool {
        wantsTurn || pause != nil || Task.isCancelled || status.next.map { $0 <= environment.clock.now } ?? true
    }

    /// Fetches now, and returns when a turn that began after the call has ended and, unless it is about new mail alone, what
    /// waited behind new mail is fetched too.
    ///
    /// - Returns: the turn, and what was fetched after it.
    /// - Throws: what failed first; another failure when the fetcher ends before it, or is paused.
    public func fetch(_ wish: FetchWish = .all) async throws(Failure) -> ReceiveStatus.Turn {
        guard !hasEnded else { throw AccountFetcher.stopping }
        guard pause == nil else { throw AccountFetcher.paused.of(account: account.name.text) }
        let result = await withCheckedContinuation { waiter in
            waiters.add(waiter, wish)
            fetchSoon()
        }
        return try result.get()
    }

    /// Fetches as soon as the present turn is over.
    public func fetchSoon() {
        let now = environment.clock.now
        status.health.tryAtOnce(at: now)
        status.next = now
        wantsTurn = true
        wantsFolders = true
        nap.wake()
    }

    /// Somebody changed something: what is parked or waiting is tried at once.
    public func tryAtOnce() {
        if status.health.failure != nil { fetchSoon() }
    }

    /// The folders on the server, each with whether it is watched.
    public func folders() async throws -> [(folder: RemoteFolder, isWatched: Bool)] {
        let mailbox = try await connector.open()
        do {
            let remote = try await mailbox.folders()
            await mailbox.close()
            let watched = Set(FolderSelection(settings: settings, remote: remote).watched.map(\.folder.serverName))
            return remote.map { ($0, watched.contains($0.serverName)) }
        } catch {
            await mailbox.close()
            throw error
        }
    }

    static let stopping = Failure(
        .daemon, .later(after: nil), operation: "fetch", reason: "The daemon is stopping or the account was changed.")

    private func waitForTurn() async {
        guard let due = status.next else { return }
        // The end of a pause of old mail is nothing to wait for otherwise.
        let resumed = backlogs.isEmpty ? nil : backfillPause
        await nap.sleep(until: [due, resumed].compactMap(\.self).min() ?? due, environment.clock)
        endPauses()
    }

    // MARK: A turn

    private func turn() async {
        wantsTurn = false
        status.activity = .fetching
        let started = environment.clock.now
        var turn = ReceiveStatus.Turn(at: started)
        waiters.turnBegan(turn)
        let failure = await visitAll(&turn)
        try? await settleFindings()
        turn.duration = environment.clock.now - started
        status.activity = .idling
        if turn.isComplete || pause == nil { status.last = turn }
        status.delivered += turn.delivered
        if !Task.isCancelled { note(failure) }
        waiters.note(turn.result, until: environment.clock.now)
        if let failure {
            waiters.failed(failure)
        } else {
            waiters.done(backlogs.isEmpty || backfillPause != nil ? .all : .newMail)
        }
    }

    /// Changes the state, says so once, and sets the next turn.
    func note(_ failure: Failure?) {
        let failure = failure?.of(account: account.name.text)
        let old = status.health.state
        let now = environment.clock.now
        if let failure {
            status.health.failed(with: failure, at: now, using: &generator)
        } else {
            status.health.succeeded(at: now)
        }
        let spread = Double.random(in: 0.9...1.1, using: &generator)
        status.next = wantsTurn ? now : status.health.nextTry ?? now + settings.pollInterval * spread
        guard old != status.health.state else {
            if let failure { environment.log.record(.failure(failure)) }
            return
        }
        environment.log.record(
            .accountStateChanged(
                account.name, .receive, from: old, to: status.health.state, because: failure,
                until: status.health.nextTry))
    }

    private func visitAll(_ turn: inout ReceiveStatus.Turn) async -> Failure? {
        for attempt in 0...Limits.immediateRetries {
            do {
                try await recallPauses()
                guard pause == nil else { return nil }
                try await recoverDeliveries()
                try await visitFolders(&turn)
                turn.isComplete = true
                // A session knows the folders that there were when it began: one that is missed is looked for in the next.
                let lacksFolders = session?.selection.missing.isEmpty == false
                if lacksFolders, backlogs.isEmpty { await closeSession() }
                await leaveSession()
                return nil
            } catch {
                // What fails in a session kept from an earlier turn may be the session's own trouble: a fresh one decides.
                let mayBeSession = session?.isFresh == false || AccountFetcher.failure(error).retry == .now
                await closeSession()
                guard mayBeSession, attempt < Limits.immediateRetries, !Task.isCancelled else {
                    return AccountFetcher.failure(error)
                }
            }
        }
        return nil
    }

    private func visitFolders(_ turn: inout ReceiveStatus.Turn) async throws {
        let session = try await refreshFolders(of: openSession())
        // Whoever asked meanwhile needs no other turn: no folder was looked at yet. What POP3 lists is as of the sign-in.
        if session.mailbox.keepsSession {
            wantsTurn = false
            waiters.turnBegan(turn)
        }
        var failures: [String: Failure] = [:]
        for missing in session.selection.missing { failures[missing.place["folder"] ?? ""] = missing }
        for watched in session.selection.watched {
            try Task.checkCancellation()
            do {
                let result = try await visit(watched)
                turn.add(result, until: environment.clock.now)
                let deferred = try await deferred(in: watched.folder)
                failures[watched.folder.path.description] = result.actionFailure ?? deferred
            } catch let failure as Failure where isOfFolderAlone(failure) {
                failures[watched.folder.path.description] = failure
                needsRecovery = true
            }
        }
        failures.merge(backfillFailures) { first, _ in first }
        failures.merge(try await actOnMoved(in: session.mailbox, session.selection)) { first, _ in first }
        failures.merge(try await deleteSent(in: session.mailbox, session.selection)) { first, _ in first }
        note(failures)
    }

    /// What `status` says of a folder with messages that the server lists and does not give.
    private func deferred(in folder: RemoteFolder) async throws -> Failure? {
        let count = try await environment.store.read { [accountID] transaction -> Int in
            let stored = try transaction.folders.find(accountID, serverName: folder.serverName)
            return try stored.map { try transaction.ledger.uids($0.id, epoch: $0.epoch, in: .deferred).count } ?? 0
        }
        guard count > 0 else { return nil }
        return Failure(
            .message, .later(after: nil), operation: "fetch",
            reason:
                "The server lists messages that it did not give: \(count). They are asked for again, more and more "
                + "rarely. If that does not help, open them in another mail program, or move them out of the folder.",
            place: ["folder": folder.path.description])
    }

    /// Whether the other folders can be visited all the same.
    private func isOfFolderAlone(_ failure: Failure) -> Bool {
        failure.scope <= .folder && failure.retry != .now && session?.isFresh != false
    }

    private func visit(_ watched: FolderSelection.Watched) async throws -> FolderVisit.Result {
        let session = try await openSession()
        var visit = try visit(to: watched, among: session.selection.remote)
        let now = environment.clock.now
        let name = watched.folder.serverName
        visit.plansDeletions = deletionsPlanned[name].map { now - $0 >= Limits.deletionInterval } ?? true
        visit.looksAtAll = audits.suspects.contains(name)
        let isFirst = !session.visited.contains(name)
        visit.backlog = backlogs[name]
        do {
            let result = try await visit.run(session.mailbox, firstOfSession: isFirst)
            self.session?.visited.insert(name)
            if visit.plansDeletions { deletionsPlanned[name] = now }
            remember(result.backlog, of: watched.folder)
            return result
        } catch {
            needsRecovery = true
            // The next visit that succeeds finds out what waits.
            backlogs[name] = nil
            // A fresh session that is out of step is replaced for the next folder.
            if session.isFresh, await session.mailbox.isOutOfStep { await closeSession() }
            throw error
        }
    }

    func visit(to watched: FolderSelection.Watched, among remote: [RemoteFolder]) throws(Failure) -> FolderVisit {
        FolderVisit(
            account: account, settings: settings, accountID: accountID, folder: watched.folder, remote: remote,
            afterFetch: watched.afterFetch, destinations: try resolve(watched), environment: environment,
            unsettled: unsettled, outcomes: outcomes)
    }

    /// A session of its own, which whoever asked for it closes.
    func open() async throws -> any Mailbox { try await connector.open() }

    private func resolve(_ watched: FolderSelection.Watched) throws(Failure) -> [MaildirDestination] {
        var resolved: [MaildirDestination] = []
        for name in watched.deliverTo {
            guard let settings = destinations[name] else {
                throw Failure(
                    .direction, .whenReconfigured(by: .operatorOfPostbote), operation: "open destination",
                    reason: "The destination “\(name)” is not a Maildir; other kinds are not active yet.",
                    place: ["destination": name.text])
            }
            resolved.append(
                try MaildirDestination(name, settings: settings, account: account, folder: watched.folder.path))
        }
        return resolved
    }

    private func note(_ failures: [String: Failure]) {
        for (folder, failure) in failures where status.folderFailures[folder] != failure {
            environment.log.record(.failure(failure.of(account: account.name.text).at("folder", folder)))
        }
        status.folderFailures = failures
    }

    /// Publishes what an earlier turn staged and could not finish: before anything is fetched, because a message is either
    /// in the ledger or fetched, never both.
    private func recoverDeliveries() async throws {
        guard needsRecovery else { return }
        let recovery = DeliveryRecovery(
            store: environment.store, clock: environment.clock, log: environment.log, destinations: destinations)
        _ = try await recovery.run(accountID, unsettled: unsettled)
        needsRecovery = false
    }

    // MARK: The session

    func openSession() async throws -> FetchSession {
        if let session { return session }
        // Somebody may ask for folders that are made while the server lets us in.
        wantsFolders = false
        let mailbox = try await connector.open()
        do {
            let selection = FolderSelection(settings: settings, remote: try await mailbox.folders())
            let session = FetchSession(mailbox: mailbox, selection: selection, listed: environment.clock.now)
            self.session = session
            return session
        } catch {
            await mailbox.close()
            throw error
        }
    }

    /// Folders are made and removed while a session lasts.
    private func refreshFolders(of session: FetchSession) async throws -> FetchSession {
        let now = environment.clock.now
        guard wantsFolders || now - session.listed >= Limits.folderListAge else { return session }
        wantsFolders = false
        var session = session
        session.selection = FolderSelection(settings: settings, remote: try await session.mailbox.folders())
        session.listed = now
        self.session = session
        return session
    }

    /// Nothing is asked for now: a session that is worth it is kept.
    func leaveSession() async {
        if session?.mailbox.keepsSession == false { await closeSession() }
        session?.isFresh = false
    }

    func closeSession() async {
        let closing = session
        session = nil
        await closing?.mailbox.close()
        await second.close()
    }

    static func failure(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case is CancellationError: stopping
        default:
            Failure(.direction, .later(after: nil), operation: "fetch", reason: "Unexpected: \(error)")
        }
    }
}

/// A mailbox that is open, and what was done in it.
struct FetchSession {
    let mailbox: any Mailbox
    var selection: FolderSelection
    /// When the folders were listed.
    var listed: Timestamp
    /// Opened in the present turn.
    var isFresh = true
    /// Server names of the folders that this session opened before.
    var visited: Set<String> = []
}
