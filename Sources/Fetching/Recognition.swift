import Diagnostics
import MailModel
import Store

/// A batch of present messages that are being recognised, in one transaction.
struct Recognition {
    /// Messages that only their content tells.
    private(set) var doubtful = 0
    private let transaction: WriteTransaction
    private let folder: StoredFolder
    private let account: AccountID
    private let former: Set<FolderID>
    private let now: Timestamp
    /// Decided, and written together: that is what most of a batch is.
    private var found: [FoundMessage] = []
    private var changes = KnownMail.Changes()

    init(
        _ transaction: WriteTransaction, _ folder: StoredFolder, account: AccountID, former: Set<FolderID>,
        at now: Timestamp
    ) {
        self.transaction = transaction
        self.folder = folder
        self.account = account
        self.former = former
        self.now = now
    }

    mutating func take(_ candidate: Candidate) throws {
        let (decision, isByFields) = try candidate.decide(
            in: folder.id, folder.epoch, account: account, former: former, changes: changes, transaction)
        switch decision {
        case .new: break
        case .known(let row):
            found.append(candidate.found(as: row))
            changes.note(decision)
        case .indistinct(let rivals):
            // It is about rows as they are.
            try finish()
            doubtful += 1
            let uids = try rivals.compactMap { try transaction.ledger.find($0)?.uid }
            try transaction.ledger.unplace(folder.id, rivals)
            // A server that gave it a Message-ID changed its content as well: nothing will tell.
            guard isByFields else { return }
            try transaction.ledger.supersede(rivals)
            for uid in uids + [candidate.uid] {
                try candidate.noteDoubtful(uid, folder, transaction, at: now)
            }
        }
    }

    mutating func finish() throws {
        if !found.isEmpty { try transaction.ledger.remap(folder.id, to: folder.epoch, found) }
        found = []
        changes = KnownMail.Changes()
    }
}
