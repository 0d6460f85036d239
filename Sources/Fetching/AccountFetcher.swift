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
    private let account: Account
    private let settings: ReceiveSettings
    private let accountID: AccountID
    private let destinations: [DestinationName: MaildirSettings]
    private let connector: any MailboxConnector
    private let environment: FetchingEnvironment
    private var generator = SystemRandomNumberGenerator()

    public private(set) var status: ReceiveStatus
    private var session: FetchSession?
    /// The staged messages of an earlier turn or process may be waiting to be published.
    private var needsRecovery = true
    private var wantsTurn = false
    private var sleeper: Task<Void, Never>?
    private var waiting: [CheckedContinuation<Result<ReceiveStatus.Turn, Failure>, Never>] = []

    /// - Parameters:
    ///   - destinations: the Maildirs among the configuration's destinations, by name.
    ///   - firstTurn: when the first turn is due: a daemon with many accounts spreads them.
    public init(
        account: Account, settings: ReceiveSettings, accountID: AccountID,
        destinations: [DestinationName: MaildirSettings], connector: any MailboxConnector,
        environment: FetchingEnvironment, firstTurn: Timestamp
    ) {
        self.account = account
        self.settings = settings
        self.accountID = accountID
        self.destinations = destinations
        self.connector = connector
        self.environment = environment
        status = ReceiveStatus(health: DirectionHealth(at: environment.clock.now))
        status.next = firstTurn
    }

    // MARK: Running

    public func run() async {
        while !Task.isCancelled {
            await waitForTurn()
            guard !Task.isCancelled else { break }
            await turn()
        }
        await closeSession()
        for waiter in waiting { waiter.resume(returning: .failure(AccountFetcher.stopping)) }
        waiting = []
    }

    /// Fetches now, and returns when a turn that began after the call has ended.
    public func fetch() async throws(Failure) -> ReceiveStatus.Turn {
        let result = await withCheckedContinuation { waiter in
            waiting.append(waiter)
            fetchSoon()
        }
        return try result.get()
    }

    /// Fetches as soon as the present turn is over.
    public func fetchSoon() {
        status.health.tryAtOnce(at: environment.clock.now)
        wantsTurn = true
        sleeper?.cancel()
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

    private static let stopping = Failure(
        .daemon, .later(after: nil), operation: "fetch", reason: "The daemon is stopping or the account was changed.")

    private func waitForTurn() async {
        guard !wantsTurn, let due = status.next else { return }
        let clock = environment.clock
        let sleeper = Task { () -> Void in try? await clock.sleep(until: due) }
        self.sleeper = sleeper
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        self.sleeper = nil
    }

    // MARK: A turn

    private func turn() async {
        wantsTurn = false
        // Those who ask from here on are told of the next turn: this one may be past their mail already.
        let asked = waiting
        waiting = []
        status.activity = .fetching
        let started = environment.clock.now
        var turn = ReceiveStatus.Turn(at: started, duration: .zero, delivered: 0, octets: 0, open: 0)
        let failure = await visitAll(&turn)
        turn.duration = environment.clock.now - started
        status.activity = .idling
        status.last = turn
        status.delivered += turn.delivered
        if !Task.isCancelled { note(failure) }
        for waiter in asked { waiter.resume(returning: failure.map { .failure($0) } ?? .success(turn)) }
    }

    /// Changes the state, says so once, and sets the next turn.
    private func note(_ failure: Failure?) {
        let old = status.health.state
        let now = environment.clock.now
        if let failure {
            let placed = failure.at("account", account.name.text)
            status.health.failed(with: placed, at: now, using: &generator)
        } else {
            status.health.succeeded(at: now)
        }
        let spread = Double.random(in: 0.9...1.1, using: &generator)
        status.next = status.health.nextTry ?? now + settings.pollInterval * spread
        guard old != status.health.state else {
            if let failure { environment.log.record(.failure(failure.at("account", account.name.text))) }
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
                try await recoverDeliveries()
                try await visitFolders(&turn)
                // A session knows the folders that there were when it began: one that is missed is looked for in the next.
                let lacksFolders = session?.selection.missing.isEmpty == false
                if lacksFolders || session?.mailbox.keepsSession == false { await closeSession() }
                session?.isFresh = false
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
        let session = try await openSession()
        var failures: [String: Failure] = [:]
        for missing in session.selection.missing { failures[missing.place["folder"] ?? ""] = missing }
        for watched in session.selection.watched {
            try Task.checkCancellation()
            do {
                let result = try await visit(watched)
                turn.delivered += result.delivered
                turn.octets += result.octets
                turn.open += result.open
            } catch let failure as Failure where isOfFolderAlone(failure) {
                failures[watched.folder.path.description] = failure
                needsRecovery = true
            }
        }
        note(failures)
    }

    /// Whether the other folders can be visited all the same.
    private func isOfFolderAlone(_ failure: Failure) -> Bool {
        failure.scope <= .folder && failure.retry != .now && session?.isFresh != false
    }

    private func visit(_ watched: FolderSelection.Watched) async throws -> FolderVisit.Result {
        let session = try await openSession()
        let visit = FolderVisit(
            account: account, settings: settings, accountID: accountID, folder: watched.folder,
            destinations: try resolve(watched), environment: environment)
        let isFirst = !session.visited.contains(watched.folder.serverName)
        do {
            let result = try await visit.run(session.mailbox, firstOfSession: isFirst)
            self.session?.visited.insert(watched.folder.serverName)
            return result
        } catch {
            needsRecovery = true
            // A fresh session that is out of step is replaced for the next folder.
            if session.isFresh, await session.mailbox.isOutOfStep { await closeSession() }
            throw error
        }
    }

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
            environment.log.record(.failure(failure.at("account", account.name.text).at("folder", folder)))
        }
        status.folderFailures = failures
    }

    /// Publishes what an earlier turn staged and could not finish: before anything is fetched, because a message is either
    /// in the ledger or fetched, never both.
    private func recoverDeliveries() async throws {
        guard needsRecovery else { return }
        let recovery = DeliveryRecovery(store: environment.store, clock: environment.clock)
        _ = try await recovery.run(accountID)
        needsRecovery = false
    }

    // MARK: The session

    private func openSession() async throws -> FetchSession {
        if let session { return session }
        let mailbox = try await connector.open()
        do {
            let selection = FolderSelection(settings: settings, remote: try await mailbox.folders())
            let session = FetchSession(mailbox: mailbox, selection: selection)
            self.session = session
            return session
        } catch {
            await mailbox.close()
            throw error
        }
    }

    private func closeSession() async {
        let closing = session
        session = nil
        await closing?.mailbox.close()
    }

    private static func failure(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case is CancellationError: stopping
        default:
            Failure(.direction, .later(after: nil), operation: "fetch", reason: "Unexpected: \(error)")
        }
    }
}

/// A mailbox that is open, and what was done in it.
private struct FetchSession {
    let mailbox: any Mailbox
    let selection: FolderSelection
    /// Opened in the present turn.
    var isFresh = true
    /// Server names of the folders that this session opened before.
    var visited: Set<String> = []
}
