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
        /// What waits to be fetched after this visit.
        var backlog: Backlog?
        /// Why the server's copies of delivered mail were not changed as they should be.
        var actionFailure: Failure?

        /// Adds what was counted elsewhere.
        mutating func add(_ other: Result) {
            delivered += other.delivered
            octets += other.octets
            open += other.open
            tooLarge += other.tooLarge
            known += other.known
        }
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
    /// Something below the cursor was missed: all UIDs are compared with the ledger.
    var looksAtAll = false
    let destinations: [MaildirDestination]
    let environment: FetchingEnvironment
    /// Where files are remembered whose commit failed.
    var unsettled = UnsettledFiles()
    /// What waited before this visit.
    var backlog: Backlog?
    /// Where those who wait for orders learn what came of them.
    var outcomes = OrderOutcomes()

    /// Where the UIDs come from.
    var server: String { settings.endpoint.host.lowercased() }

    /// - Parameter firstOfSession: this connection has not opened the folder before.
    func run(_ mailbox: any Mailbox, firstOfSession: Bool) async throws -> Result {
        let facts = try await mailbox.select(folder)
        var stored = try await remembered(mailbox, facts)
        let anchors = firstOfSession ? try await Anchors(stored, in: environment.store) : nil
        var ledger = FetchPlan.LedgerFacts(
            stored, hasDue: try await !due(stored, mailbox).isEmpty, isIncomplete: looksAtAll || isIncomplete(stored))
        ledger.hasAnchors = anchors?.mayBePresent ?? true
        environment.log.record(
            .folderOpened(
                account.name, folder: folder.path.description, uidValidity: facts.uidValidity, exists: facts.exists))
        var plan = FetchPlan.decide(server: facts, on: server, ledger: ledger, firstOfSession: firstOfSession)
        var present = UIDSet()
        switch plan {
        case .unchanged:
            return Result(backlog: backlog, actionFailure: try await act(in: mailbox, stored))
        case .lookFrom(let uid): (present, plan) = try await look(mailbox, .from(uid), plan, anchors, facts)
        case .lookAtAll: (present, plan) = try await look(mailbox, .all, plan, anchors, facts)
        case .recover(.interrupted):
            // What was recognised before the interruption has its new UIDs, and the folder may have moved once more.
            if let anchors, !anchors.uids.isEmpty {
                (_, plan) = try await look(mailbox, .from(.max), plan, anchors, facts)
            }
        case .recover: break
        }
        if plan == .lookAtAll, let cause = try await suspicion(mailbox, stored, present, anchors) {
            plan = .recover(cause)
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

    func recovery(in mailbox: any Mailbox) async throws -> FolderRecovery {
        FolderRecovery(visit: self, mailbox: mailbox, former: try await origins())
    }

    // MARK: The folder

    /// Folders that the server has no more, and whose mail may be in this one now. What comes out of junk into the inbox is
    /// delivered again, also when its folder is gone.
    func origins() async throws -> Set<FolderID> {
        Set(try await formerFolders().filter { folder.role != .inbox || $0.role != .junk }.map(\.id))
    }

    /// Folders of the account that the server has no more.
    func formerFolders() async throws -> [StoredFolder] {
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
        if mailbox.findsByDate { new = new.subtracting(try await noteTooOld(mailbox, stored, new)) }
        let (now, later) = Backlog.split(new, above: stored.cursor)
        // A look above the cursor does not list what waits below it.
        let waiting = isWhole ? UIDSet() : waiting(stored)
        var due = isWhole ? try await due(stored, mailbox) : UIDSet()
        try await close(due.subtracting(present), stored, as: datesMayHide(mailbox) ? .skipped : .gone)
        due = due.intersection(present)
        let wanted = try await wanted(now, stored, mailbox)
        var result = Result()
        if !wanted.uids.isEmpty || !due.isEmpty {
            result = try await MessageRetrieval(self, mailbox, stored).run(new: wanted.uids, due: due)
        }
        result.tooLarge = wanted.tooLarge
        let cursor = [stored.cursor, present.last].compactMap(\.self).max()
        result.backlog = Backlog(stored, later.union(waiting), upTo: cursor)
        try await account(stored, facts, cursor: cursor, isBackfilling: result.backlog != nil)
        environment.log.record(
            .fetchFinished(
                account.name, folder: folder.path.description, delivered: result.delivered, octets: result.octets,
                after: environment.clock.now - started))
        return result
    }

    /// Those of `uids` that are to be fetched; the others are written down.
    func wanted(
        _ uids: UIDSet, _ stored: StoredFolder, _ mailbox: any Mailbox
    ) async throws -> (uids: UIDSet, tooLarge: Int) {
        let tooLarge = try await noteTooLarge(mailbox, stored, uids)
        var wanted = uids.subtracting(tooLarge)
        if !mailbox.findsByDate { wanted = wanted.subtracting(try await noteTooOld(mailbox, stored, wanted)) }
        return (wanted, tooLarge.count)
    }

    func waiting(_ stored: StoredFolder) -> UIDSet {
        guard let backlog, backlog.folder == stored.id, backlog.epoch == stored.epoch else { return UIDSet() }
        return backlog.rest
    }

    /// Mail below the cursor may have no row, and nobody remembers which.
    func isIncomplete(_ stored: StoredFolder) -> Bool {
        stored.isBackfilling && waiting(stored).isEmpty || hasLeftOut(stored)
    }

    /// A `since` of then left messages out that are wanted now.
    private func hasLeftOut(_ stored: StoredFolder) -> Bool {
        guard let seen = stored.sinceSeen else { return false }
        return settings.since.map { $0 < seen } ?? true
    }

    /// Messages that are known and not delivered, and are to be asked for now: those that the server did not give before,
    /// when their time has come, and those that were too large or too old and are not any more.
    private func due(_ stored: StoredFolder, _ mailbox: any Mailbox) async throws -> UIDSet {
        let now = environment.clock.now
        let oldest = oldest(mailbox)
        return try await environment.store.read { [limit = settings.maxMessageSize] transaction in
            try transaction.obstacles.dueUIDs(stored.id, epoch: stored.epoch, at: now)
                .union(transaction.ledger.tooLarge(stored.id, epoch: stored.epoch, fitting: limit))
                .union(
                    transaction.ledger.skipped(
                        stored.id, epoch: stored.epoch, youngerThan: oldest, orUndated: hasLeftOut(stored))
                )
                // The rest when these are done.
                .suffix(Limits.fetchedAtOnce)
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

    private func account(
        _ stored: StoredFolder, _ facts: FolderFacts, cursor: UID?, isBackfilling: Bool
    ) async throws {
        // Every message is delivered, waits, or has a row that says why not.
        let mark = FolderMark(
            cursor: cursor, uidNextSeen: facts.uidNext, existsSeen: facts.exists, isBackfilling: isBackfilling,
            sinceSeen: settings.since)
        guard mark != stored.mark else { return }
        try await environment.store.write { try $0.folders.advance(stored.id, epoch: stored.epoch, to: mark) }
    }
}

extension FetchPlan.LedgerFacts {
    init(_ stored: StoredFolder, hasDue: Bool, isIncomplete: Bool) {
        self.init(
            uidValidity: stored.uidValidity, server: stored.server, mailboxID: stored.mailboxID,
            cursor: stored.cursor, uidNextSeen: stored.uidNextSeen,
            existsSeen: stored.existsSeen, isRecovering: stored.isRecovering, hasDue: hasDue,
            isIncomplete: isIncomplete)
    }
}
