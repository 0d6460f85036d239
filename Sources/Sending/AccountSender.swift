import Authorization
import Diagnostics
import MailModel
import MailProtocol
import Sessions
import Store

/// Drains the outbound queue of one account, on as many connections as its rate allows.
///
/// It belongs to whoever runs `run()`; cancelling that task ends it: the reply to a final dot is awaited, the rest waits
/// for its recorded next try.
public actor AccountSender {
    let account: Account
    let settings: SendSettings
    let accountID: AccountID
    let connector: any SubmitterConnector
    let environment: SendingEnvironment
    var generator = SystemRandomNumberGenerator()

    public internal(set) var status: SendStatus
    private var budget: RateBudget
    /// Due messages that no connection has taken yet.
    private var due: [QueuedMessage] = []
    /// Messages that a connection is busy with: the queue still calls them due until their attempt has begun.
    private var taken: Set<QueueID> = []
    /// The rate is spent until then.
    private var budgetOpens: Timestamp?
    /// What earlier processes left in the store about rate and parking is known here.
    private var hasRecalled = false
    /// The store says that time does not age the account's messages.
    private var isParkedInStore = false
    /// Until when an operator paused the account.
    private var pause: Timestamp?
    private var hasHeardOfPauses = false
    private var isWoken = false
    private let nap = Nap()

    public init(
        account: Account, settings: SendSettings, accountID: AccountID, connector: any SubmitterConnector,
        environment: SendingEnvironment
    ) {
        self.account = account
        self.settings = settings
        self.accountID = accountID
        self.connector = connector
        self.environment = environment
        budget = RateBudget(settings.rate)
        status = SendStatus(health: DirectionHealth(at: environment.clock.now))
    }

    // MARK: Running

    public func run() async {
        while !Task.isCancelled {
            do {
                try await recall()
                try await waitForWork()
                guard !Task.isCancelled else { return }
                try await drain()
            } catch {
                // Only the store fails here; it says so itself, and everything waits in the queue.
                try? await environment.clock.sleep(for: Limits.storageTrouble)
            }
        }
    }

    /// There may be something to do: a message was accepted or ordered to be tried.
    public func wake() {
        isWoken = true
        nap.wake()
    }

    /// Somebody changed something: a parked direction is probed at once.
    public func tryAtOnce() {
        status.health.tryAtOnce(at: environment.clock.now)
        wake()
    }

    /// What it signs in with is lost until somebody acts. While nothing is to be sent it would not see that by itself.
    public func credentialLost(because failure: Failure) async {
        guard status.health.failure == nil else { return }
        await failed(with: failure, whileSignedIn: false)
        wake()
    }

    /// Takes the pauses that the store holds now; the message in hand is sent. Paused time does not age a message.
    public func pause(_ pauses: StoredAccount.Pauses) async {
        hasHeardOfPauses = true
        take(pauses)
        wake()
        await endParking()
    }

    /// Time ages messages again, unless something else parks the direction.
    private func endParking() async {
        guard isParkedInStore, pause == nil, !status.health.isParked else { return }
        let now = environment.clock.now
        let isWritten: Void? = try? await environment.store.write { [accountID] in
            try $0.accounts.unparkSending(accountID, at: now)
        }
        if isWritten != nil, pause == nil { isParkedInStore = false }
    }

    private func take(_ pauses: StoredAccount.Pauses) {
        pause = pauses.inForce(at: environment.clock.now).account
        status.pausedUntil = pause
        // The pause began with it.
        if pause != nil { isParkedInStore = true }
    }

    /// A restart neither opens a new day of the provider's rate, nor ends a pause or the time for which sending is parked.
    private func recall() async throws {
        guard !hasRecalled else { return }
        let day = environment.clock.now - RateBudget.day
        let (stored, spent) = try await environment.store.read { [accountID, rate = settings.rate] in
            (
                try $0.accounts.find(accountID),
                RateBudget.limits(rate) ? try $0.queue.spent(accountID, since: day) : []
            )
        }
        isParkedInStore = stored?.parking.since != nil
        // Somebody may have paused or resumed it meanwhile.
        if !hasHeardOfPauses { take(stored?.pauses ?? StoredAccount.Pauses()) }
        budget = RateBudget(settings.rate, spent: spent)
        hasRecalled = true
    }

    private func waitForWork() async throws {
        while !Task.isCancelled {
            isWoken = false
            let now = environment.clock.now
            let next = try await environment.store.read { [accountID] in try $0.queue.nextDue(accountID) }
            if let pause, pause <= now {
                take(StoredAccount.Pauses())
                await endParking()
            }
            let opens = [status.health.nextTry, budgetOpens, pause].compactMap { $0 }.max() ?? now
            // What is wrong is probed even when nothing waits, so that its end is seen.
            let due = next.map { max($0, opens) } ?? (status.health.failure == nil ? nil : opens)
            if let due, due <= now { return }
            await sleep(until: min(due ?? now + Limits.longestWait, now + Limits.longestWait))
        }
    }

    /// Waits for more work while a connection is kept open for it. `false`: none came.
    func linger() async -> Bool {
        guard !Task.isCancelled, status.health.failure == nil, pause == nil else { return false }
        let now = environment.clock.now
        isWoken = false
        status.activity = .idling
        defer { status.activity = .sending }
        let found = try? await environment.store.read { [accountID, count = taken.count + 1] in
            (due: try $0.queue.due(accountID, at: now, limit: count), next: try $0.queue.nextDue(accountID))
        }
        let end = now + Limits.idleConnection
        var more = end
        if let opens = budgetOpens, opens > now {
            more = opens
        } else if let found {
            // What other connections have taken is theirs.
            if found.due.contains(where: { !taken.contains($0.id) }) { return true }
            if let next = found.next, next > now { more = next }
        }
        await sleep(until: min(more, end))
        return isWoken || more < end
    }

    private func sleep(until moment: Timestamp) async {
        guard !isWoken else { return }
        await nap.sleep(until: moment, environment.clock)
    }

    // MARK: Draining

    private func drain() async throws {
        status.activity = .sending
        defer { status.activity = .idling }
        if status.health.failure != nil { try await putAsideOverdue() }
        let waiting = try await environment.store.read { [accountID, clock = environment.clock] in
            try $0.queue.due(accountID, at: clock.now, limit: Limits.dueAtOnce).count
        }
        let connections = max(1, min(settings.rate.connections, Limits.connections, waiting))
        let (opened, opening) = AsyncStream<Void>.makeStream()
        await withTaskGroup { group in
            group.addTask {
                await QueueDrain(sender: self, lingers: true) { opening.finish() }.run()
                opening.finish()
            }
            // The first is alone until it has signed in, and, where that proves nothing, has sent something: it finds out
            // whether what was wrong is mended, and one refusal is one, not one for each connection.
            for await _ in opened {}
            guard status.health.failure == nil else { return }
            for _ in 1..<connections { group.addTask { await QueueDrain(sender: self, lingers: false).run() } }
        }
        due = []
        taken = []
    }

    /// The next message for a connection that has nothing to do; `nil`: it may close.
    func nextMessage() async throws -> QueuedMessage? {
        while !Task.isCancelled {
            let now = environment.clock.now
            guard (status.health.nextTry ?? now) <= now, pause == nil else { return nil }
            if let message = due.popLast() {
                if try await putAside(message, at: now) { continue }
                return try await mayLeave(message, at: now) ? message : nil
            }
            let found = try await environment.store.read { [accountID, count = Limits.dueAtOnce + taken.count] in
                try $0.queue.due(accountID, at: now, limit: count)
            }
            // Another connection may have asked meanwhile: what it found is for both.
            let fresh = found.filter { !taken.contains($0.id) }
            guard !fresh.isEmpty || !due.isEmpty else { return nil }
            taken.formUnion(fresh.map(\.id))
            due = fresh.reversed() + due
        }
        return nil
    }

    /// The attempt was recorded: its message is not due any more, so that it need not be remembered.
    func began(_ id: QueueID) { taken.remove(id) }

    /// Nothing was begun with a message that `nextMessage` gave.
    func giveBack(_ id: QueueID) { budget.giveBack(id) }

    /// The attempt is over.
    func settle(_ attempt: SendingAttempt, _ outcome: AttemptOutcome) {
        budget.settle(attempt.message.id, recipients: outcome.taken)
    }

    private func mayLeave(_ message: QueuedMessage, at now: Timestamp) async throws -> Bool {
        var recipients = 1
        if settings.rate.recipientsPerDay != nil {
            recipients = try await environment.store.read { transaction in
                try transaction.queue.recipients(message.id).count { $0.state == .queued || $0.state == .deferred }
            }
        }
        budgetOpens = budget.take(message.id, recipients: recipients, at: now)
        guard budgetOpens != nil else { return true }
        taken.remove(message.id)
        return false
    }

    // MARK: Health

    /// A connection let us in.
    ///
    /// - Returns: whether that mended what was wrong; else one message after the other shows it.
    func signedIn() async -> Bool {
        guard status.health.failure != nil else { return true }
        var isWell = true
        let now = environment.clock.now
        change { isWell = $0.signedIn(at: now) }
        if isWell { await succeeded() }
        return isWell
    }

    /// A connection that was to show whether what was wrong is mended has ended without a failure.
    func foundNothing() async throws {
        guard status.health.failure != nil else { return }
        // With nothing to send nothing can be wrong with it.
        let next = try await environment.store.read { [accountID] in try $0.queue.nextDue(accountID) }
        if next == nil { await succeeded() }
    }

    func succeeded() async {
        let now = environment.clock.now
        if status.health.state != .ok || status.health.failure != nil { change { $0.succeeded(at: now) } }
        // Whatever failed last, or before a restart.
        await endParking()
    }

    func failed(with failure: Failure, whileSignedIn: Bool) async {
        let placed = failure.of(account: account.name.text)
        change(because: placed) {
            $0.failed(with: placed, at: environment.clock.now, whileSignedIn: whileSignedIn, using: &generator)
        }
        guard status.health.isParked, !isParkedInStore else { return }
        let now = environment.clock.now
        let isWritten: Void? = try? await environment.store.write { [accountID] in
            try $0.accounts.parkSending(accountID, at: now)
        }
        if isWritten != nil { isParkedInStore = true }
    }

    func countSent() { status.sent += 1 }

    /// The one place where the state changes; it says so once.
    private func change(because failure: Failure? = nil, _ body: (inout DirectionHealth) -> Void) {
        let old = status.health.state
        body(&status.health)
        guard old != status.health.state else { return }
        environment.log.record(
            .accountStateChanged(
                account.name, .send, from: old, to: status.health.state, because: failure,
                until: status.health.nextTry))
    }
}
