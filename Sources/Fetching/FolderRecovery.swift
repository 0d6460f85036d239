import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

/// Recognises known mail under its new UIDs, so that only the mail of the gap is fetched.
///
/// Headers only, in bounded memory; each chunk is one commit, so that an interrupted recovery goes on where it was.
struct FolderRecovery {
    let visit: FolderVisit
    let mailbox: any Mailbox
    /// Folders that the server has no more, whose mail may be in this one now.
    let former: Set<FolderID>

    func run(
        _ stored: StoredFolder, facts: FolderFacts, because cause: FetchPlan.Cause
    ) async throws -> (StoredFolder, present: UIDSet) {
        let started = visit.environment.clock.now
        let folder = try await begin(stored, facts, cause)
        guard folder.isRecovering else {
            return (folder, try await mailbox.look(Look.Question(.all, since: visit.settings.since)).present)
        }
        let store = visit.environment.store
        let placed = try await store.read { try $0.ledger.known(folder.id, epoch: folder.epoch) }
        // Reads what is known while the server lists what is there.
        let recogniser = Recogniser(
            store: store, clock: visit.environment.clock, folder: folder, account: visit.accountID, former: former,
            expected: facts.exists - placed.count, allowance: visit.environment.identities)
        let present: UIDSet
        do {
            present = try await mailbox.look(Look.Question(.all, since: visit.settings.since)).present
            // With `since` a search may find nothing in a full folder, rightly or not. Known mail stays looked for.
            guard !present.isEmpty || facts.exists == 0 else {
                _ = try await recogniser.finish()
                return (folder, present)
            }
            try await mailbox.describe(present.subtracting(placed), .identity) { try await recogniser.take($0) }
        } catch {
            // What was decided is written all the same.
            _ = try? await recogniser.finish()
            throw error
        }
        let doubtful = try await recogniser.finish()
        let now = visit.environment.clock.now
        let known = try await store.write { transaction in
            try transaction.folders.finishRecovery(folder.id, epoch: folder.epoch)
            let waiting = try transaction.ledger.uids(folder.id, epoch: folder.epoch, in: .deferred)
            return try transaction.ledger.known(folder.id, epoch: folder.epoch).subtracting(waiting).count
        }
        visit.environment.log.record(
            .folderRecovered(
                visit.account.name, folder: visit.folder.path.description, known: known,
                new: present.count - known, doubtful: doubtful, after: now - started))
        return (folder, present)
    }

    /// What `run` would find, without changing anything.
    func rehearse(_ stored: StoredFolder) async throws -> RecoveryOutcome {
        let present = try await mailbox.look(Look.Question(.all, since: visit.settings.since)).present
        let tally = Tally(Rehearsal())
        // The next epoch has no rows yet: all that is known is looked for.
        try await mailbox.describe(present, .identity) { summaries in
            tally.value = try await visit.environment.store.read {
                [former, visit, before = tally.value] transaction in
                var rehearsal = before
                for candidate in summaries.lazy.compactMap(Candidate.init) {
                    let (decision, _) = try candidate.decide(
                        in: stored.id, stored.epoch.next, account: visit.accountID, former: former,
                        changes: rehearsal.changes, transaction)
                    rehearsal.note(decision)
                }
                return rehearsal
            }
        }
        let known = tally.value.changes.taken.count
        return RecoveryOutcome(known: known, new: present.count - known, doubtful: tally.value.doubtful)
    }

    private struct Rehearsal: Sendable {
        var changes = KnownMail.Changes()
        /// As a recovery counts them.
        var doubtful = 0

        mutating func note(_ decision: KnownMail.Decision) {
            changes.note(decision)
            if case .indistinct = decision { doubtful += 1 }
        }
    }

    private func begin(
        _ stored: StoredFolder, _ facts: FolderFacts, _ cause: FetchPlan.Cause
    ) async throws -> StoredFolder {
        guard cause != .interrupted else { return stored }
        if let old = stored.uidValidity {
            visit.environment.log.record(
                .folderMoved(
                    visit.account.name, folder: visit.folder.path.description, because: cause.rawValue, from: old,
                    to: facts.uidValidity))
        }
        return try await visit.environment.store.write { [former, server = visit.server] in
            try $0.folders.beginEpoch(
                stored.id, uidValidity: facts.uidValidity, mailboxID: facts.mailboxID, server: server,
                former: Array(former))
        }
    }
}
