import CSQLite
import Diagnostics
import Dispatch
import Synchronization

/// The one that writes: takes what queued while the last commit ran, each unit in a savepoint of its own, and resumes the
/// callers only after the commit.
///
/// Invariant: nobody is told that something was stored before its commit returned from `fsync` (`synchronous=FULL`).
///
/// `@unchecked Sendable`: `connection` and `isRecoveryScheduled` are touched only on `queue`, and so is a unit once it was
/// taken; what other threads touch is behind the mutex.
final class Writer: @unchecked Sendable {
    private struct Shared {
        var units: [any WriteUnit] = []
        /// Units already taken from the front of `units`.
        var taken = 0
        var isScheduled = false
        var isClosed = false
        var health = StoreHealth.ok
    }

    private let queue = DispatchQueue(label: "postbote.store.writer")
    private let path: String
    private let surroundings: Surroundings
    private let onHealthChange: @Sendable (StoreHealth) -> Void
    private let shared = Mutex(Shared())
    private var connection: Connection?
    private var isRecoveryScheduled = false

    init(
        _ connection: sending Connection, surroundings: Surroundings,
        onHealthChange: @escaping @Sendable (StoreHealth) -> Void
    ) {
        path = connection.path
        self.surroundings = surroundings
        self.onHealthChange = onHealthChange
        self.connection = connection
    }

    /// A connection set up for writing: `fsync` of the log at every commit, whatever SQLite was compiled with.
    static func connect(_ path: String) throws(Failure) -> Connection {
        let connection = try Connection(path, for: .write)
        try connection.execute("PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = \(Limits.checkpointPages);")
        try connection.execute("PRAGMA journal_size_limit = \(Limits.logOctets);")
        return connection
    }

    var health: StoreHealth { shared.withLock { $0.health } }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (WriteTransaction) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let unit = WriteUnitOf(body, continuation)
            if let refusal = enqueue(unit) { continuation.resume(throwing: refusal) }
        }
    }

    /// Returns when the writer's queue has come round to it.
    func ping() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    /// Runs `body` with SQLite's own handle between two commits.
    func withHandle(_ body: @escaping @Sendable (OpaquePointer) -> Void) async {
        await withCheckedContinuation { continuation in
            queue.async {
                if let connection = self.connection { body(connection.handle) }
                continuation.resume()
            }
        }
    }

    // MARK: Queue

    private func enqueue(_ unit: any WriteUnit) -> Failure? {
        let (refusal, mustSchedule) = shared.withLock { shared -> (Failure?, Bool) in
            if shared.isClosed { return (Writer.closed, false) }
            if shared.units.count - shared.taken >= Limits.waitingUnits { return (Writer.overloaded, false) }
            shared.units.append(unit)
            defer { shared.isScheduled = true }
            return (nil, !shared.isScheduled)
        }
        if mustSchedule { queue.async { self.commitWaiting() } }
        return refusal
    }

    private func nextUnit() -> (any WriteUnit)? {
        shared.withLock { shared in
            guard shared.taken < shared.units.count else {
                shared.units.removeAll(keepingCapacity: shared.units.capacity <= Limits.unitsPerCommit)
                shared.taken = 0
                return nil
            }
            defer { shared.taken += 1 }
            return shared.units[shared.taken]
        }
    }

    private func commitWaiting() {
        commitGroup()
        let more = shared.withLock { shared in
            shared.units.removeFirst(shared.taken)
            shared.taken = 0
            shared.isScheduled = !shared.units.isEmpty
            return shared.isScheduled
        }
        // Queued anew rather than looped, so that pings and closing get their turn.
        if more { queue.async { self.commitWaiting() } }
    }

    // MARK: Commit

    private func commitGroup() {
        var group: [any WriteUnit] = []
        if case .storage(let failure) = health { return refuseWaiting(failure) }
        guard let connection else { return refuseWaiting(Writer.closed) }
        do {
            try connection.run("BEGIN IMMEDIATE")
            try runUnits(on: connection, into: &group)
            try connection.run("COMMIT")
        } catch {
            return fail(group, connection)
        }
        for unit in group { unit.finish(nil) }
    }

    private func runUnits(on connection: Connection, into group: inout [any WriteUnit]) throws(Failure) {
        let start = ContinuousClock.now
        while group.count < Limits.unitsPerCommit, let unit = nextUnit() {
            group.append(unit)
            try connection.run("SAVEPOINT unit")
            if !unit.run(on: connection, surroundings) {
                // A unit may have swallowed or rethrown a full disk: then SQLite has undone the whole transaction.
                if connection.hasTrouble { throw Writer.troubled }
                try connection.run("ROLLBACK TO unit")
            }
            if connection.hasTrouble { throw Writer.troubled }
            try connection.run("RELEASE unit")
            if ContinuousClock.now - start > Limits.commitWindow { return }
        }
    }

    /// Nothing of the group is stored. It is not tried again here as if it could succeed: after a failed sync the kernel
    /// may have dropped the very pages. The callers still have what they wanted to store.
    private func fail(_ group: [any WriteUnit], _ connection: Connection) {
        if connection.isInTransaction { try? connection.execute("ROLLBACK;") }
        let error =
            connection.takeTrouble()
            ?? SQLiteError(code: SQLITE_IOERR, message: "the commit failed", path: path)
        let failure = error.failure(operation: "commit")
        enter(.storage(failure))
        for unit in group { unit.finish(failure) }
        refuseWaiting(failure)
        if failure.retry == .later(after: nil) { scheduleRecovery() }
    }

    private func refuseWaiting(_ failure: Failure) {
        while let unit = nextUnit() { unit.finish(failure) }
    }

    // MARK: Health

    private func enter(_ health: StoreHealth) {
        let changed = shared.withLock { shared in
            defer { shared.health = health }
            return shared.health != health
        }
        if changed { onHealthChange(health) }
    }

    /// A reader met trouble: nothing more is written on top of damage, and what may heal is tried again.
    func report(_ failure: Failure) {
        queue.async {
            guard self.health == .ok else { return }
            self.enter(.storage(failure))
            if failure.retry == .later(after: nil) { self.scheduleRecovery() }
        }
    }

    private func scheduleRecovery() {
        guard !isRecoveryScheduled else { return }
        isRecoveryScheduled = true
        let wait = DispatchTimeInterval.milliseconds(Int(Limits.recoveryInterval.inMilliseconds))
        queue.asyncAfter(deadline: .now() + wait) { [weak self] in
            self?.isRecoveryScheduled = false
            self?.recover()
        }
    }

    /// Tries whether commits succeed again, and returns how it went.
    func tryRecovery() async -> StoreHealth {
        await withCheckedContinuation { continuation in
            queue.async {
                self.recover()
                continuation.resume(returning: self.health)
            }
        }
    }

    /// On a new connection, because the state of one whose sync failed is not to be trusted, with as much data as a
    /// message's rows need, because one page may still fit where work does not.
    private func recover() {
        guard case .storage(let trouble) = health, trouble.retry == .later(after: nil), connection != nil else {
            return
        }
        do {
            let fresh = try Writer.connect(path)
            try fresh.run(
                "INSERT OR REPLACE INTO meta (name, value) VALUES ('probe', zeroblob(?))", Limits.bodyRowOctets)
            try fresh.run("DELETE FROM meta WHERE name = 'probe'")
            connection = fresh
            enter(.ok)
        } catch {
            scheduleRecovery()
        }
    }

    // MARK: Closing

    /// Commits what waits, moves the log into the database, and closes. Returns whether all of that succeeded.
    func close() async -> Bool {
        shared.withLock { $0.isClosed = true }
        return await withCheckedContinuation { continuation in
            queue.async { self.finishAndClose(continuation) }
        }
    }

    private func finishAndClose(_ continuation: CheckedContinuation<Bool, Never>) {
        commitGroup()
        let isIdle = shared.withLock { $0.taken == $0.units.count }
        guard isIdle else { return queue.async { self.finishAndClose(continuation) } }
        guard let connection else {
            // Closed before: whoever holds the state now is not to be touched.
            return continuation.resume(returning: false)
        }
        let result = sqlite3_wal_checkpoint_v2(connection.handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        self.connection = nil
        continuation.resume(returning: result == SQLITE_OK && health == .ok)
    }

    private static let troubled = Failure(.daemon, .later(after: nil), operation: "commit", reason: "storage trouble")
    static let closed = Failure(.daemon, .later(after: nil), operation: "write", reason: "Postbote is stopping.")
    private static let overloaded = Failure(
        .daemon, .later(after: nil), operation: "write",
        reason: "\(Limits.waitingUnits) changes wait for the disk already. Look at the disk's load.")
}
