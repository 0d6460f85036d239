import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

/// Retrieves messages of one folder into its destinations, and goes on behind those that the server does not give: each of
/// them gets an obstacle, by which it is asked for again.
struct MessageRetrieval {
    let visit: FolderVisit
    let mailbox: any Mailbox
    let stored: StoredFolder
    let pipeline: DeliveryPipeline

    init(_ visit: FolderVisit, _ mailbox: any Mailbox, _ stored: StoredFolder) async throws {
        self.visit = visit
        self.mailbox = mailbox
        self.stored = stored
        pipeline = try await visit.pipeline(for: stored)
    }

    /// New mail first: what was in the way before must not keep it waiting.
    ///
    /// - Returns: what was delivered, and how many were not retrieved.
    func run(new: UIDSet, due: UIDSet) async throws -> FolderVisit.Result {
        try await run { retrieval in
            var open = 0
            for uids in [new, due] where !uids.isEmpty { open += try await retrieval.retrieve(uids) }
            return open
        }
    }

    /// Octets of what was delivered so far.
    var octets: Int64 { get async { await pipeline.outcome.octets } }

    /// - Parameter body: retrieves, and returns how many messages were not retrieved.
    func run(_ body: (MessageRetrieval) async throws -> Int) async throws -> FolderVisit.Result {
        var open = 0
        do {
            open = try await body(self)
            _ = try await pipeline.finish()
            try await settle()
        } catch {
            // What arrived whole before the connection was lost is delivered all the same.
            _ = try? await pipeline.finish()
            await pipeline.discardRest()
            throw error
        }
        await pipeline.discardRest()
        var result = await result
        result.open = open
        return result
    }

    /// What was delivered so far.
    var result: FolderVisit.Result {
        get async {
            let outcome = await pipeline.outcome
            var result = FolderVisit.Result()
            result.delivered = outcome.delivered
            result.octets = outcome.octets
            result.known = outcome.known
            return result
        }
    }

    /// Asks the server for the UIDs of known messages that arrived ones look like, and lets that decide.
    private func settle() async throws {
        guard await pipeline.isHolding else { return }
        let asked = await pipeline.asked
        var gone = asked
        for chunk in asked.chunks(of: Limits.describedAtOnce) {
            gone = gone.subtracting(UIDSet(try await mailbox.describe(chunk, .size).map(\.uid).sorted()))
        }
        _ = try await pipeline.settle(gone: gone)
    }

    /// Retrieves, and leaves nothing undecided: what looks like a known message is told from it now.
    ///
    /// - Returns: how many of `uids` were not retrieved.
    func retrieveWhole(_ uids: UIDSet) async throws -> Int {
        let open = try await retrieve(uids)
        guard await pipeline.isHolding else { return open }
        _ = try await pipeline.finish()
        try await settle()
        return open
    }

    /// - Returns: how many of `uids` were not retrieved.
    private func retrieve(_ uids: UIDSet) async throws -> Int {
        var rest = uids
        var refusalsInARow = 0
        var open = 0
        while !rest.isEmpty {
            do {
                try await mailbox.fetch(rest, into: pipeline)
            } catch let failure as Failure {
                let outcome = await pipeline.outcome
                let answered = outcome.arrived.union(outcome.stubs).union(outcome.gone)
                let suspect = RetrievalObstacle.suspect(asked: rest, answered: answered, after: failure)
                guard let suspect, await !pipeline.hasFailed else { throw failure }
                let left = rest.subtracting(answered).subtracting(UIDSet(CollectionOfOne(suspect)))
                open += try await 1 + postponeStubs(outcome, in: rest)
                let isBroken = await mailbox.isOutOfStep
                try await postpone(
                    UIDSet(CollectionOfOne(suspect)), isBroken ? .brokenOff(failure) : .refused(failure))
                refusalsInARow = rest.count == left.count + 1 ? refusalsInARow + 1 : 1
                // A server that refuses one after the other has trouble of its own, not with these messages.
                guard !isBroken, refusalsInARow < Limits.refusalsInARow else { throw failure }
                rest = left
                continue
            }
            let outcome = await pipeline.outcome
            open += try await postponeStubs(outcome, in: rest)
            let unanswered = rest.subtracting(outcome.arrived).subtracting(outcome.stubs).subtracting(outcome.gone)
            try await postpone(unanswered, .unanswered)
            return open + unanswered.count
        }
        return open
    }

    private func postponeStubs(_ outcome: DeliveryPipeline.Outcome, in uids: UIDSet) async throws -> Int {
        let stubs = outcome.stubs.intersection(uids)
        try await postpone(stubs, .stub)
        return stubs.count
    }

    /// Writes down that these were not retrieved, and when to ask for them again. What was asked for often enough steps
    /// aside into quarantine, with the bytes that there are.
    private func postpone(_ uids: UIDSet, _ obstacle: RetrievalObstacle) async throws {
        for chunk in uids.chunks(of: Limits.describedAtOnce) {
            let kept = try await keepLast(of: chunk, obstacle)
            let now = visit.environment.clock.now
            let failure = obstacle.failure
            let noted = try await visit.environment.store.write { [stored] transaction in
                try chunk.map { uid -> (uid: UID, attempts: Int, next: Timestamp?) in
                    let attempts =
                        try transaction.obstacles.attempts(stored.id, epoch: stored.epoch, uid: uid) + 1
                    let next = obstacle.nextAttempt(after: attempts, at: now)
                    try transaction.obstacles.record(
                        stored.id, epoch: stored.epoch, uid: uid, nextAttempt: next, reason: failure.description,
                        file: kept[uid], at: now)
                    return (uid, attempts, next)
                }
            }
            for (uid, attempts, next) in noted { report(uid, attempts, next, failure) }
        }
    }

    /// Keeps the bytes of messages whose last attempt this was.
    private func keepLast(of uids: UIDSet, _ obstacle: RetrievalObstacle) async throws -> [UID: String] {
        guard obstacle == .stub else { return [:] }
        let environment = visit.environment
        let attempts = try await environment.store.read { [stored] transaction in
            try uids.map { ($0, try transaction.obstacles.attempts(stored.id, epoch: stored.epoch, uid: $0) + 1) }
        }
        var kept: [UID: String] = [:]
        for (uid, attempt) in attempts where obstacle.nextAttempt(after: attempt, at: environment.clock.now) == nil {
            guard let stub = await pipeline.stub(uid) else { continue }
            kept[uid] = try await environment.store.quarantine.keep(stub.file, as: stub.key)
        }
        return kept
    }

    private func report(_ uid: UID, _ attempts: Int, _ next: Timestamp?, _ failure: Failure) {
        let account = visit.account.name
        let folder = visit.folder.path.description
        guard let next else {
            return visit.environment.log.record(
                .messageQuarantined(account, folder: folder, uid: uid, attempts: attempts, because: failure))
        }
        visit.environment.log.record(
            .fetchDeferred(account, folder: folder, uid: uid, attempts: attempts, next: next, because: failure))
    }
}
