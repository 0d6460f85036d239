import Authorization
import Diagnostics
import MailModel
import MailProtocol
import Sessions
import Store

/// Drains the outbound queue of one account, on as many connections as its rate allows.
///
/// It belongs to whoever runs `run()`; cancelling that task ends it: what is past its final dot is awaited, the rest waits
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
    private var isWoken = false
    private var sleeper: Task<Void, Never>?

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
                try await waitForWork()
                guard !Task.isCancelled else { return }
                try await drain()
            } catch {
                // Only the store fails here; it says so itself, and everything waits in the queue.
                try? await environment.clock.sleep(for: .seconds(5))
            }
        }
    }

    /// There may be something to do: a message was accepted or ordered to be tried.
    public func wake() {
        isWoken = true
        sleeper?.cancel()
    }

    /// Somebody changed something: a parked direction is probed at once.
    public func tryAtOnce() {
        status.health.tryAtOnce(at: environment.clock.now)
        wake()
    }

    private func waitForWork() async throws {
        while !Task.isCancelled {
            isWoken = false
            let now = environment.clock.now
            let next = try await environment.store.read { [accountID] in try $0.queue.nextDue(accountID) }
            let opens = [status.health.nextTry, budgetOpens].compactMap { $0 }.max() ?? now
            // What is wrong is probed even when nothing waits, so that its end is seen.
            let due = next.map { max($0, opens) } ?? (status.health.failure == nil ? nil : opens)
            if let due, due <= now { return }
            await sleep(until: min(due ?? now + Limits.longestWait, now + Limits.longestWait))
        }
    }

    /// Waits for more work while a connection is kept open for it. `false`: none came.
    func linger() async -> Bool {
        guard !Task.isCancelled, status.health.failure == nil else { return false }
        let now = environment.clock.now
        isWoken = false
        status.activity = .idling
        let next = (try? await environment.store.read { [accountID] in try $0.queue.nextDue(accountID) }) ?? nil
        let end = now + Limits.idleConnection
        if (next ?? end) > now { await sleep(until: min(next ?? end, end)) }
        status.activity = .sending
        return isWoken || (next ?? end) < end
    }

    private func sleep(until moment: Timestamp) async {
        guard !isWoken else { return }
        let clock = environment.clock
        let sleeper = Task { () -> Void in try? await clock.sleep(until: moment) }
        self.sleeper = sleeper
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        self.sleeper = nil
    }

    // MARK: Draining

    private func drain() async throws {
        status.activity = .sending
        defer { status.activity = .idling }
        let waiting = try await environment.store.read { [accountID, clock = environment.clock] in
            try $0.queue.due(accountID, at: clock.now, limit: Limits.dueAtOnce).count
        }
        // A parked direction is probed with one connection, not with all.
        let allowed = status.health.failure == nil ? min(settings.rate.connections, Limits.connections) : 1
        await withTaskGroup { group in
            for number in 0..<max(1, min(allowed, waiting)) {
                group.addTask { await QueueDrain(sender: self, lingers: number == 0).run() }
            }
        }
        due = []
        taken = []
    }

    /// The next message for a connection that has nothing to do; `nil`: it may close.
    func nextMessage() async throws -> QueuedMessage? {
        while !Task.isCancelled {
            let now = environment.clock.now
            guard (status.health.nextTry ?? now) <= now else { return nil }
            if let message = due.popLast() {
                if try await putAside(message, at: now) { continue }
                return try await mayLeave(message, at: now) ? message : nil
            }
            let found = try await environment.store.read { [accountID, count = Limits.dueAtOnce + taken.count] in
                try $0.queue.due(accountID, at: now, limit: count)
            }
            // Another connection may have asked meanwhile.
            let fresh = found.filter { !taken.contains($0.id) }
            guard !fresh.isEmpty else { return nil }
            taken.formUnion(fresh.map(\.id))
            due = fresh.reversed() + due
        }
        return nil
    }

    /// Begun attempts are not due any more, so that they need not be remembered.
    func release(_ id: QueueID) { taken.remove(id) }

    private func mayLeave(_ message: QueuedMessage, at now: Timestamp) async throws -> Bool {
        var recipients = 1
        if settings.rate.recipientsPerDay != nil {
            recipients = try await environment.store.read { try $0.queue.recipients(message.id).count }
        }
        budgetOpens = budget.take(recipients: recipients, at: now)
        guard budgetOpens != nil else { return true }
        taken.remove(message.id)
        return false
    }

    /// Ends the wait of a message that waited too long.
    private func putAside(_ message: QueuedMessage, at now: Timestamp) async throws -> Bool {
        let stored = try await environment.store.read { [accountID] in try $0.accounts.find(accountID) }
        guard let parking = stored?.parking else { return true }
        if message.parked(at: now, parking) > settings.parkedMax {
            let reason = "Sending was parked for longer than parked_max."
            _ = try await environment.store.write { try $0.queue.hold(message.id, reason: reason, at: now) }
            environment.log.record(.messageHeld(account.name, queueID: message.id.description, by: "parked_max"))
            return true
        }
        guard message.unparkedAge(at: now, parking) > settings.maxAge else { return false }
        let failure = Failure(
            .message, .never, operation: "send", reason: "The message waited longer than max_age and was given up.")
        _ = try await environment.store.write { try $0.queue.fail(message.id, reply: failure.reason, at: now) }
        environment.log.record(.messageFailed(account.name, queueID: message.id.description, because: failure))
        return true
    }

    // MARK: Health

    func succeeded() async {
        guard status.health.state != .ok || status.health.failure != nil else { return }
        let wasParked = status.health.isParked
        change { $0.succeeded(at: environment.clock.now) }
        if wasParked {
            let now = environment.clock.now
            _ = try? await environment.store.write { [accountID] in try $0.accounts.unparkSending(accountID, at: now)
            }
        }
    }

    func failed(with failure: Failure) async {
        let placed = failure.at("account", account.name.text)
        change(because: placed) { $0.failed(with: placed, at: environment.clock.now, using: &generator) }
        guard status.health.isParked else { return }
        let now = environment.clock.now
        _ = try? await environment.store.write { [accountID] in try $0.accounts.parkSending(accountID, at: now) }
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
