import Delivery
import MailModel
import Sessions
import Store

/// Asks server and ledger what a `FolderAudit` compares. Whatever size the folder has: UIDs are held as ranges, headers a
/// few hundred at a time. It changes nothing.
struct FolderAuditor {
    enum Result {
        case compared(FolderAudit, StoredFolder)
        /// The ledger knows that it does not fit the folder, or is being made to fit: the next visit sees to that.
        case moves(FetchPlan.Cause)
    }

    let visit: FolderVisit
    /// Where headers cost as much as messages, UIDs alone are compared.
    let comparesHeaders: Bool

    func run(_ mailbox: any Mailbox) async throws -> Result {
        let store = visit.environment.store
        // Before the server is asked: what arrives or is fetched meanwhile stands above this cursor.
        guard let (before, open, removed) = try await factsBefore() else { return .moves(.firstVisit) }
        let facts = try await mailbox.select(visit.folder)
        let plan = FetchPlan.decide(
            server: facts, on: visit.server,
            ledger: FetchPlan.LedgerFacts(before, hasDue: false, isIncomplete: false),
            firstOfSession: false)
        if case .recover(let cause) = plan { return .moves(cause) }
        let present = try await mailbox.look(Look.Question(.all, since: visit.settings.since)).present
        guard var ledger = try await factsAfter(before) else { return .moves(.interrupted) }
        ledger.open = open
        ledger.removed = removed
        ledger.waiting = waiting(before)
        var audit = FolderAudit(
            present: present, exists: facts.exists, hidesOlder: visit.settings.since != nil && mailbox.findsByDate,
            ledger: ledger)
        if comparesHeaders { audit.add(others: try await others(mailbox, audit.comparable, before)) }
        // What was compared must still be what the ledger says.
        let after = try await store.read { try $0.folders.find(before.id) }
        guard after?.epoch == before.epoch, after?.uidValidity == before.uidValidity else {
            return .moves(.interrupted)
        }
        return .compared(audit, before)
    }

    /// Where nobody remembers which messages wait, the next visit finds that out first.
    private func waiting(_ folder: StoredFolder) -> UIDSet {
        guard !visit.isIncomplete(folder) else { return UIDSet(.min ... .max) }
        let waiting = visit.waiting(folder)
        // A visit may have put more there since it was remembered.
        guard folder.isBackfilling, let known = visit.backlog?.cursor, known != folder.cursor,
            let first = UID(known.rawValue &+ 1)
        else { return waiting }
        return waiting.union(UIDSet(first ... .max))
    }

    private func factsBefore() async throws -> (StoredFolder, open: UIDSet, removed: UIDSet)? {
        try await visit.environment.store.read { [visit] transaction in
            let folder = try transaction.folders.find(visit.accountID, serverName: visit.folder.serverName)
            guard let folder else { return nil }
            let open = try [LedgerState.deferred, .quarantined].map { state in
                try transaction.ledger.uids(folder.id, epoch: folder.epoch, in: state)
            }
            let all = UIDSet(.min ... .max)
            return (
                folder, open[0].union(open[1]),
                try transaction.ledger.removed(folder.id, epoch: folder.epoch, among: all)
            )
        }
    }

    private func factsAfter(_ folder: StoredFolder) async throws -> FolderAudit.LedgerFacts? {
        try await visit.environment.store.read { transaction in
            guard try transaction.folders.find(folder.id)?.epoch == folder.epoch else { return nil }
            return FolderAudit.LedgerFacts(
                cursor: folder.cursor, known: try transaction.ledger.known(folder.id, epoch: folder.epoch),
                undelivered: try transaction.ledger.undelivered(folder.id, epoch: folder.epoch))
        }
    }

    private func others(_ mailbox: any Mailbox, _ uids: UIDSet, _ folder: StoredFolder) async throws -> UIDSet {
        guard !uids.isEmpty else { return UIDSet() }
        let others = Tally(UIDSet())
        let store = visit.environment.store
        try await mailbox.describe(uids, .identity) { summaries in
            try Task.checkCancellation()
            let found = summaries.compactMap { summary in
                summary.headers.map { headers in
                    (
                        uid: summary.uid,
                        traits: MessageTraits(
                            headers, emailID: summary.emailID, gmailMessageID: summary.gmailMessageID)
                    )
                }
            }
            let differing = try await store.read {
                try $0.ledger.others(folder.id, epoch: folder.epoch, among: found)
            }
            for uid in differing { others.value.insert(uid) }
        }
        return others.value
    }
}
