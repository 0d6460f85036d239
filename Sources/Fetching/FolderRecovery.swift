import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

/// Recognises known mail under its new UIDs, so that only the mail of the gap is fetched.
///
/// Headers only, a few hundred at a time; each chunk is one commit, so that an interrupted recovery goes on where it was.
/// Matching is a multiset: as many present messages are known as known rows with that identity exist; the rest is new.
struct FolderRecovery {
    let visit: FolderVisit
    let mailbox: any Mailbox

    func run(
        _ stored: StoredFolder, facts: FolderFacts, because cause: FetchPlan.Cause
    ) async throws -> (StoredFolder, present: UIDSet) {
        let folder = try await begin(stored, facts, cause)
        let present = try await mailbox.look(Look.Question(.all, since: visit.settings.since)).present
        guard folder.isRecovering else { return (folder, present) }
        // With `since` a search may find nothing in a full folder, rightly or not. Known mail stays looked for.
        guard !present.isEmpty || facts.exists == 0 else { return (folder, present) }
        let store = visit.environment.store
        let placed = try await store.read { try $0.ledger.known(folder.id, epoch: folder.epoch) }
        var recognised = placed.count
        for chunk in present.subtracting(placed).chunks(of: Limits.describedAtOnce) {
            recognised += try await recognise(try await mailbox.describe(chunk, .identity), in: folder)
        }
        try await store.write { try $0.folders.finishRecovery(folder.id, epoch: folder.epoch) }
        visit.environment.log.record(
            .folderRecovered(
                visit.account.name, folder: visit.folder.path.description, known: recognised,
                new: present.count - recognised, doubtful: 0))
        return (folder, present)
    }

    private func begin(
        _ stored: StoredFolder, _ facts: FolderFacts, _ cause: FetchPlan.Cause
    ) async throws -> StoredFolder {
        guard cause != .interrupted else { return stored }
        if let old = stored.uidValidity {
            visit.environment.log.record(
                .uidValidityChanged(
                    visit.account.name, folder: visit.folder.path.description, from: old, to: facts.uidValidity))
        }
        return try await visit.environment.store.write {
            try $0.folders.beginEpoch(stored.id, uidValidity: facts.uidValidity, mailboxID: facts.mailboxID)
        }
    }

    /// - Returns: how many of the messages are known.
    private func recognise(_ summaries: [MessageSummary], in folder: StoredFolder) async throws -> Int {
        try await visit.environment.store.write { transaction in
            var count = 0
            for summary in summaries {
                guard let headers = summary.headers else { continue }
                let traits = MessageTraits(
                    headers, emailID: summary.emailID, gmailMessageID: summary.gmailMessageID)
                guard let row = try Self.claim(traits, in: folder, transaction) else { continue }
                try transaction.ledger.remap(folder.id, to: folder.epoch, [(row.id, summary.uid)])
                count += 1
            }
            return count
        }
    }

    /// The known row that this message is: by the server's own id where both have one, else by identity; among several
    /// that of the same list and recipient, else the oldest.
    private static func claim(
        _ traits: MessageTraits, in folder: StoredFolder, _ transaction: WriteTransaction
    ) throws -> LedgerRow? {
        if let serverID = traits.serverID {
            let rows = try transaction.ledger.unclaimed(folder.id, before: folder.epoch, serverID: serverID)
            if let row = rows.first { return row }
        }
        guard let identity = traits.identity else { return nil }
        let rows = try transaction.ledger.unclaimed(folder.id, before: folder.epoch, identity: identity)
        return rows.first {
            $0.traits.listIDHash == traits.listIDHash && $0.traits.deliveredToHash == traits.deliveredToHash
        } ?? rows.first
    }
}
