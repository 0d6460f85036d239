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

    init(_ visit: FolderVisit, _ mailbox: any Mailbox, _ stored: StoredFolder, _ rules: CopyRules) {
        self.visit = visit
        self.mailbox = mailbox
        self.stored = stored
        let environment = visit.environment
        pipeline = DeliveryPipeline(
            folder: DeliveryFolder(
                account: visit.account.name, path: visit.folder.path, id: stored.id, epoch: stored.epoch,
                rules: rules, destinations: visit.destinations),
            store: environment.store, clock: environment.clock, log: environment.log, hostName: environment.hostName,
            unsettled: visit.unsettled)
    }

    /// New mail first: what was in the way before must not keep it waiting.
    ///
    /// - Returns: what was delivered, and how many were not retrieved.
    func run(new: UIDSet, due: UIDSet) async throws -> FolderVisit.Result {
        var result = FolderVisit.Result()
        do {
            for uids in [new, due] where !uids.isEmpty { result.open += try await retrieve(uids) }
            _ = try await pipeline.finish()
            try await settle()
        } catch {
            // What arrived whole before the connection was lost is delivered all the same.
            _ = try? await pipeline.finish()
            await pipeline.discardHeld()
            throw error
        }
        let outcome = await pipeline.outcome
        result.delivered = outcome.delivered
        result.octets = outcome.octets
        result.known = outcome.known
        return result
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

    /// Writes down that these were not retrieved, and when to ask for them again.
    private func postpone(_ uids: UIDSet, _ obstacle: RetrievalObstacle) async throws {
        let failure = obstacle.failure
        let environment = visit.environment
        for chunk in uids.chunks(of: Limits.describedAtOnce) {
            let now = environment.clock.now
            let noted = try await environment.store.write { [stored] transaction in
                try chunk.map { uid -> (uid: UID, attempts: Int, next: Timestamp) in
                    let attempts =
                        try transaction.obstacles.attempts(stored.id, epoch: stored.epoch, uid: uid) + 1
                    let next = obstacle.nextAttempt(after: attempts, at: now)
                    try transaction.obstacles.record(
                        stored.id, epoch: stored.epoch, uid: uid, nextAttempt: next, reason: failure.description,
                        at: now)
                    return (uid, attempts, next)
                }
            }
            for (uid, attempts, next) in noted {
                environment.log.record(
                    .fetchDeferred(
                        visit.account.name, folder: visit.folder.path.description, uid: uid, attempts: attempts,
                        next: next, because: failure))
            }
        }
    }
}
