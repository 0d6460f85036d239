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
        let present = try await mailbox.look(Look.Question(.all, since: visit.settings.since)).present
        guard folder.isRecovering else { return (folder, present) }
        // With `since` a search may find nothing in a full folder, rightly or not. Known mail stays looked for.
        guard !present.isEmpty || facts.exists == 0 else { return (folder, present) }
        let store = visit.environment.store
        let placed = try await store.read { try $0.ledger.known(folder.id, epoch: folder.epoch) }
        let doubtful = Tally(0)
        try await mailbox.describe(present.subtracting(placed), .identity) { summaries in
            let found = try await recognise(summaries, in: folder)
            doubtful.value += found
        }
        let now = visit.environment.clock.now
        let known = try await store.write { transaction in
            try transaction.folders.finishRecovery(folder.id, epoch: folder.epoch)
            let waiting = try transaction.ledger.uids(folder.id, epoch: folder.epoch, in: .deferred)
            return try transaction.ledger.known(folder.id, epoch: folder.epoch).subtracting(waiting).count
        }
        visit.environment.log.record(
            .folderRecovered(
                visit.account.name, folder: visit.folder.path.description, known: known,
                new: present.count - known, doubtful: doubtful.value, after: now - started))
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

    /// - Returns: how many of the messages only their content tells.
    private func recognise(_ summaries: [MessageSummary], in folder: StoredFolder) async throws -> Int {
        let candidates = summaries.compactMap(Candidate.init)
        let now = visit.environment.clock.now
        return try await visit.environment.store.write { [former, account = visit.accountID] transaction in
            var recognition = Recognition(transaction, folder, account: account, former: former, at: now)
            for candidate in candidates { try recognition.take(candidate) }
            try recognition.finish()
            return recognition.doubtful
        }
    }
}

/// A batch of present messages that are being recognised, in one transaction.
private struct Recognition {
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

/// A present message whose headers are known.
private struct Candidate {
    let uid: UID
    let traits: MessageTraits
    private let headers: MessageHeaders

    init?(_ summary: MessageSummary) {
        guard let headers = summary.headers else { return nil }
        uid = summary.uid
        self.headers = headers
        traits = MessageTraits(headers, emailID: summary.emailID, gmailMessageID: summary.gmailMessageID)
    }

    /// By the server's own id, then by the identity; a message that has a Message-ID now may have been known without.
    ///
    /// - Returns: the decision, and whether it rests on the identity without Message-ID.
    func decide<Access>(
        in folder: FolderID, _ epoch: Epoch, account: AccountID, former: Set<FolderID>,
        changes: KnownMail.Changes = KnownMail.Changes(), _ transaction: Transaction<Access>
    ) throws -> (KnownMail.Decision, isByFields: Bool) {
        func decide(_ rows: [LedgerRow]) -> KnownMail.Decision {
            KnownMail(rows, in: folder, epoch: epoch, former: former, changes: changes).decide(traits)
        }
        if let serverID = traits.serverID {
            let rows = try transaction.ledger.rows(account, serverID: serverID)
            if case .known(let row) = decide(rows) { return (.known(row), false) }
        }
        if let identity = traits.identity {
            let decision = decide(try transaction.ledger.rows(account, identity: identity))
            if decision != .new { return (decision, false) }
        }
        guard traits.messageIDHash != nil else { return (.new, false) }
        let rows = try transaction.ledger.rows(account, identity: IdentityKey(withoutMessageID: headers))
        return (decide(rows.filter { $0.traits.messageIDHash == nil }), true)
    }

    func found(as known: LedgerRow) -> FoundMessage {
        FoundMessage(
            id: known.id, uid: uid, serverID: traits.serverID,
            rewritten: traits.contradicts(known.traits) ? traits : nil)
    }

    /// It is fetched, and delivered as one that may have been delivered before.
    func noteDoubtful(
        _ uid: UID, _ folder: StoredFolder, _ transaction: WriteTransaction, at now: Timestamp
    ) throws {
        try transaction.obstacles.recordDoubtful(
            folder.id, epoch: folder.epoch, uid: uid,
            reason: "looks like a known message without Message-ID", at: now)
    }
}
