import Delivery
import Diagnostics
import MailModel
import Sessions
import Store

/// One visit to one folder: open, compare with the ledger, recognise, fetch, account.
struct FolderVisit {
    struct Result {
        var delivered = 0
        var octets: Int64 = 0
        /// Listed by the server and not retrieved: looked for again at the next visit.
        var open = 0
        var tooLarge = 0
        /// Known messages under new UIDs, which were not delivered again.
        var known = 0
        /// Why the server's copies of delivered mail were not changed as they should be.
        var actionFailure: Failure?
    }

    let account: Account
    let settings: ReceiveSettings
    let accountID: AccountID
    let folder: RemoteFolder
    /// All folders of the server.
    let remote: [RemoteFolder]
    /// What becomes of the server's copies of what is delivered.
    var afterFetch = AfterFetch.keep
    /// It is time to look for what is older than `delete_after`.
    var plansDeletions = false
    let destinations: [MaildirDestination]
    let environment: FetchingEnvironment
    /// Where files are remembered whose commit failed.
    var unsettled = UnsettledFiles()
    /// Where those who wait for orders learn what came of them.
    var outcomes = OrderOutcomes()

    /// Where the UIDs come from.
    var server: String { settings.endpoint.host.lowercased() }

    /// - Parameter firstOfSession: this connection has not opened the folder before.
    func run(_ mailbox: any Mailbox, firstOfSession: Bool) async throws -> Result {
        let facts = try await mailbox.select(folder)
        var stored = try await remembered(facts)
        let ledger = FetchPlan.LedgerFacts(stored, hasDue: try await !due(stored).isEmpty)
        environment.log.record(
            .folderOpened(
                account.name, folder: folder.path.description, uidValidity: facts.uidValidity, exists: facts.exists))
        var plan = FetchPlan.decide(server: facts, on: server, ledger: ledger, firstOfSession: firstOfSession)
        var present = UIDSet()
        let anchors = firstOfSession ? try await knownAnchors(stored) : [:]
        switch plan {
        case .unchanged:
            return Result(actionFailure: try await act(in: mailbox, stored))
        case .lookFrom(let uid): (present, plan) = try await look(mailbox, .from(uid), plan, anchors)
        case .lookAtAll:
            (present, plan) = try await look(mailbox, .all, plan, anchors)
            if plan == .lookAtAll, let cause = try await suspicion(stored, present) { plan = .recover(cause) }
        case .recover: break
        }
        if case .recover(let cause) = plan {
            (stored, present) = try await recovery(in: mailbox).run(stored, facts: facts, because: cause)
        }
        var isWhole = true
        if case .lookFrom = plan { isWhole = false }
        var result = try await fetch(mailbox, stored, facts, present: present, isWhole: isWhole)
        result.actionFailure = try await act(in: mailbox, stored)
        return result
    }

    /// Delivers again what was ordered, and does what is due to the server's copies of what was delivered.
    ///
    /// - Returns: what the folder does not allow. The mail was delivered all the same.
    private func act(in mailbox: any Mailbox, _ stored: StoredFolder) async throws -> Failure? {
        let actions = ServerActions(visit: self, mailbox: mailbox, source: .folder(stored))
        // What is delivered again and then deleted must be fetched before.
        let (redelivers, ordered) = try await environment.store.read { [accountID] in
            (try !$0.redeliveries.isEmpty(accountID), try $0.serverActions.hasOrders(accountID))
        }
        let redelivery = try await refusal(in: mailbox) {
            if redelivers { try await Redeliveries(visit: self, mailbox: mailbox, stored: stored).run() }
        }
        let action = try await refusal(in: mailbox) {
            if ordered { try await actions.settleStray() }
            if plansDeletions { try await actions.planDeletions() }
            try await actions.run()
        }
        return action ?? redelivery
    }

    private func refusal(in mailbox: any Mailbox, _ body: () async throws -> Void) async throws -> Failure? {
        do {
            try await body()
            return nil
        } catch let failure as Failure where failure.scope <= .folder && failure.retry != .now {
            guard await !mailbox.isOutOfStep else { throw failure }
            return failure
        }
    }

    // MARK: Looking

    /// What is there, and the plan: `recover` when an anchor turned out to be another message.
    private func look(
        _ mailbox: any Mailbox, _ range: Look.Question.Range, _ plan: FetchPlan, _ anchors: [UID: MessageTraits]
    ) async throws -> (UIDSet, FetchPlan) {
        let look = try await mailbox.look(
            Look.Question(range, since: settings.since, anchors: UIDSet(anchors.keys)))
        let found = look.anchors.compactMap { summary in
            summary.headers.map { (summary.uid, MessageTraits($0)) }
        }
        let differ = FetchPlan.anchorsDiffer(known: anchors, found: Dictionary(found) { first, _ in first })
        return (look.present, differ ? .recover(.anchorsDiffer) : plan)
    }

    private func knownAnchors(_ stored: StoredFolder) async throws -> [UID: MessageTraits] {
        guard stored.uidValidity != nil else { return [:] }
        let rows = try await environment.store.read { try $0.ledger.anchors(stored.id, epoch: stored.epoch) }
        return Dictionary(rows.map { ($0.uid, $0.traits) }) { first, _ in first }
    }

    func recovery(in mailbox: any Mailbox) async throws -> FolderRecovery {
        FolderRecovery(visit: self, mailbox: mailbox, former: Set(try await formerFolders().map(\.id)))
    }

    /// What the UIDs that are there say against the ledger, where anchors say nothing.
    private func suspicion(_ stored: StoredFolder, _ present: UIDSet) async throws -> FetchPlan.Cause? {
        let (removed, known) = try await environment.store.read { transaction in
            (
                try transaction.ledger.removed(stored.id, epoch: stored.epoch, among: present),
                present.count >= Limits.suspiciousArrivals
                    ? try transaction.ledger.known(stored.id, epoch: stored.epoch) : UIDSet()
            )
        }
        if !removed.isEmpty { return .removedAreThere }
        return FetchPlan.hasLostAll(present: present, known: known) ? .noneKnown : nil
    }

    // MARK: The folder

    private func remembered(_ facts: FolderFacts) async throws -> StoredFolder {
        let known = try await environment.store.read { try $0.folders.find(accountID, serverName: folder.serverName) }
        let stored = if let known { known } else { try await renamed(facts) }
        guard let stored, stored.role == folder.role, stored.delimiter == folder.delimiter, stored.server != nil,
            stored.mailboxID != nil || facts.mailboxID == nil
        else { return try await ensured(facts) }
        return stored
    }

    private func ensured(_ facts: FolderFacts) async throws -> StoredFolder {
        try await environment.store.write { [accountID, folder, server] transaction in
            let stored = try transaction.folders.ensure(
                accountID, serverName: folder.serverName, role: folder.role, delimiter: folder.delimiter)
            // Before the first visit nothing is known of any server.
            guard stored.uidValidity != nil else { return stored }
            return try transaction.folders.remember(stored.id, server: server, mailboxID: facts.mailboxID)
        }
    }

    private func renamed(_ facts: FolderFacts) async throws -> StoredFolder? {
        let former = FolderRename.former(of: folder, facts, on: server, among: try await formerFolders())
        guard let former else { return nil }
        try await environment.store.write { [folder] in
            try $0.folders.rename(former.id, to: folder.serverName)
        }
        let oldPath = FolderPath(former.serverName, delimiter: former.delimiter?.first)
        environment.log.record(
            .folderRenamed(account.name, from: oldPath.description, to: folder.path.description))
        return try await environment.store.read { try $0.folders.find(former.id) }
    }

    /// Folders of the account that the server has no more.
    private func formerFolders() async throws -> [StoredFolder] {
        try await environment.store.read { [accountID, listed = Set(remote.map(\.serverName))] in
            try $0.folders.all(of: accountID).filter { !listed.contains($0.serverName) }
        }
    }

    // MARK: Fetching

    /// - Parameter isWhole: `present` is all that is there, or all that is younger than `since`.
    private func fetch(
        _ mailbox: any Mailbox, _ stored: StoredFolder, _ facts: FolderFacts, present: UIDSet, isWhole: Bool
    ) async throws -> Result {
        let started = environment.clock.now
        let known = try await environment.store.read {
            try $0.ledger.known(stored.id, epoch: stored.epoch, in: (present.first ?? .min) ... .max)
        }
        var new = FetchPlan.newMail(present: present, known: known)
        let tooLarge = try await noteTooLarge(mailbox, stored, new)
        new = new.subtracting(tooLarge)
        new = new.subtracting(try await noteTooOld(mailbox, stored, new))
        var due = isWhole ? try await due(stored) : UIDSet()
        try await close(due.subtracting(present), stored, as: datesMayHide(mailbox) ? .skipped : .gone)
        due = due.intersection(present)
        var result = Result()
        if !new.isEmpty || !due.isEmpty {
            result = try await MessageRetrieval(self, mailbox, stored).run(new: new, due: due)
        }
        result.tooLarge = tooLarge.count
        try await account(stored, facts, present: present)
        environment.log.record(
            .fetchFinished(
                account.name, folder: folder.path.description, delivered: result.delivered, octets: result.octets,
                after: environment.clock.now - started))
        return result
    }

    /// Messages that are known and not delivered, and are to be asked for now: those that the server did not give before,
    /// when their time has come, and those that were too large or too old and are not any more.
    private func due(_ stored: StoredFolder) async throws -> UIDSet {
        let now = environment.clock.now
        return try await environment.store.read { [limit = settings.maxMessageSize, oldest = oldest] transaction in
            try transaction.obstacles.dueUIDs(stored.id, epoch: stored.epoch, at: now)
                .union(transaction.ledger.tooLarge(stored.id, epoch: stored.epoch, fitting: limit))
                .union(transaction.ledger.skipped(stored.id, epoch: stored.epoch, youngerThan: oldest))
        }
    }

    /// Messages that were to be asked for again and are not listed any more.
    private func close(_ uids: UIDSet, _ stored: StoredFolder, as state: LedgerState) async throws {
        for chunk in uids.chunks(of: Limits.describedAtOnce) {
            let now = environment.clock.now
            try await environment.store.write { transaction in
                for uid in chunk {
                    _ = try transaction.ledger.note(
                        stored.id, epoch: stored.epoch, uid: uid, as: state, reason: "not listed any more", at: now)
                }
            }
            for uid in chunk where state == .gone {
                environment.log.record(.messageGone(account.name, folder: folder.path.description, uid: uid))
            }
        }
    }

    /// A search by date does not list what is older: that is not gone.
    private func datesMayHide(_ mailbox: any Mailbox) -> Bool { settings.since != nil && mailbox.findsByDate }

    private func account(_ stored: StoredFolder, _ facts: FolderFacts, present: UIDSet) async throws {
        // Every message is delivered or has a row that says why not.
        let cursor = [stored.cursor, present.last].compactMap(\.self).max()
        guard cursor != stored.cursor || facts.uidNext != stored.uidNextSeen || facts.exists != stored.existsSeen
        else { return }
        try await environment.store.write {
            try $0.folders.advance(
                stored.id, epoch: stored.epoch, cursor: cursor, uidNextSeen: facts.uidNext, existsSeen: facts.exists)
        }
    }
}

extension FetchPlan.LedgerFacts {
    init(_ stored: StoredFolder, hasDue: Bool) {
        self.init(
            uidValidity: stored.uidValidity, server: stored.server, mailboxID: stored.mailboxID,
            cursor: stored.cursor, uidNextSeen: stored.uidNextSeen,
            existsSeen: stored.existsSeen, isRecovering: stored.isRecovering, hasDue: hasDue)
    }
}
