import Diagnostics
import MailModel
import Sessions
import Store
import Synchronization

/// What an account's audits leave behind for its turns.
struct Audits {
    let running = RunningAudit()
    /// What was found and is not cured yet.
    var findings: [FolderID: AuditFinding] = [:]
    /// Server names of folders of which the next turn looks at all UIDs, not only at new ones.
    var suspects: Set<String> = []
}

/// The audit that is under way: whoever ends the fetcher ends it, from wherever that is.
final class RunningAudit: Sendable {
    private let held = Mutex<Task<AuditOutcome, any Error>?>(nil)

    var task: Task<AuditOutcome, any Error>? {
        get { held.withLock { $0 } }
        set { held.withLock { $0 = newValue } }
    }

    func cancel() { task?.cancel() }
}

extension AccountFetcher {
    /// Holds every watched folder against the ledger, names what nobody can account for, and has it fetched or recognised.
    ///
    /// It has a session of its own, beside the one that mail is fetched on, so that new mail does not wait; POP3 takes one
    /// visitor at a time, and the turn after this one waits for a list of unique-ids. One audit runs at a time: who asks
    /// meanwhile is told how that one ends.
    public func audit() async throws -> AuditOutcome {
        // It may be asked for before the first turn.
        try await recallPauses()
        if let running = audits.running.task { return try await running.value }
        guard !hasEnded else { throw AccountFetcher.stopping }
        guard pause == nil else { throw AccountFetcher.paused.of(account: account.name.text) }
        let task = Task { try await self.runAudit() }
        audits.running.task = task
        defer { audits.running.task = nil }
        return try await task.value
    }

    private func runAudit() async throws -> AuditOutcome {
        var outcome = AuditOutcome(started: environment.clock.now)
        var audited = try await compare()
        if audited.contains(where: \.needsTurn) {
            // What the ledger knows to be out of date a turn puts in order; it tells of its failures itself.
            _ = try? await fetch(.newMail)
            try Task.checkCancellation()
            audited = try await compare()
        }
        try await note(audited)
        try await close(audited)
        if !audits.findings.isEmpty {
            do { _ = try await fetch(.newMail) } catch { outcome.failure = error }
            try await settleFindings()
            if outcome.failure == nil { try await recompare() }
        }
        outcome.folders = try await report(audited)
        outcome.duration = environment.clock.now - outcome.started
        try await environment.store.write { [accountID, started = outcome.started] in
            try $0.accounts.noteAudit(accountID, at: started)
        }
        environment.log.record(
            .auditFinished(
                account.name, listed: outcome.listed, unaccounted: outcome.unaccounted, remaining: outcome.remaining,
                after: outcome.duration))
        return outcome
    }

    // MARK: Comparing

    private struct Compared {
        /// As status and journal show it.
        var path: String
        var audit: FolderAudit
        var folder: StoredFolder
    }

    /// A folder that was audited, or why it was not.
    private struct Audited {
        var path: FolderPath
        var result: Result<FolderAuditor.Result, Failure>

        var compared: Compared? {
            guard case .success(.compared(let audit, let folder)) = result else { return nil }
            return Compared(path: path.description, audit: audit, folder: folder)
        }

        var needsTurn: Bool { if case .success(.moves) = result { true } else { false } }

        var failure: Failure? {
            switch result {
            case .failure(let failure): failure
            case .success(.compared): nil
            case .success(.moves(let cause)):
                Failure(
                    .folder, .later(after: nil), operation: "audit",
                    reason: "The folder is being recovered (\(cause.rawValue)): audit it again when that is done.")
            }
        }
    }

    private func compare() async throws -> [Audited] {
        guard settings.mailProtocol == .pop3 else { return try await compareOnOwnSession() }
        return try await turnstile.pass {
            // One that was kept for old mail would keep this one out.
            await self.closeSession()
            return try await self.compareOnOwnSession()
        }
    }

    private func compareOnOwnSession() async throws -> [Audited] {
        let mailbox = try await open()
        do {
            let selection = FolderSelection(settings: settings, remote: try await mailbox.folders())
            var audited = selection.missing.map { failure in
                Audited(path: FolderPath([failure.place["folder"] ?? "*"]), result: .failure(failure))
            }
            for watched in selection.watched {
                try Task.checkCancellation()
                var visit = try visit(to: watched, among: selection.remote)
                visit.backlog = backlogs[watched.folder.serverName]
                audited.append(
                    Audited(path: watched.folder.path, result: try await compare(visit, mailbox)))
            }
            await mailbox.close()
            return audited
        } catch {
            await mailbox.close()
            throw error
        }
    }

    /// A folder that cannot be audited keeps no other one from it.
    private func compare(
        _ visit: FolderVisit, _ mailbox: any Mailbox
    ) async throws -> Result<FolderAuditor.Result, Failure> {
        let auditor = FolderAuditor(visit: visit, comparesHeaders: settings.mailProtocol == .imap)
        do {
            return .success(try await auditor.run(mailbox))
        } catch let failure as Failure where failure.scope <= .folder && failure.retry != .now {
            guard await !mailbox.isOutOfStep else { throw failure }
            return .failure(failure)
        }
    }

    // MARK: What was found

    /// Says what nobody can account for, durably, and arranges that the next turn cures it.
    private func note(_ audited: [Audited]) async throws {
        let compared = audited.compactMap(\.compared)
        for found in compared {
            guard !found.audit.unaccounted.isEmpty else {
                audits.findings[found.folder.id] = nil
                continue
            }
            audits.findings[found.folder.id] = AuditFinding(found.audit, in: found.folder)
            audits.suspects.insert(found.folder.serverName)
            for (uid, reason) in found.audit.first(Limits.differencesLogged) where reason.isUnaccounted {
                environment.log.record(
                    .messageUnaccounted(account.name, folder: found.path, uid: uid, because: reason.words))
            }
        }
        try await noteUnaccounted()
        for found in compared where found.audit.needsRecovery {
            try await environment.store.write { try $0.folders.reset(found.folder.id) }
        }
    }

    /// What a turn did not cure may have been removed from the server meanwhile.
    private func recompare() async throws {
        guard !audits.findings.isEmpty else { return }
        for found in try await compare().compactMap(\.compared) {
            let isClean = found.audit.unaccounted.isEmpty
            audits.findings[found.folder.id] = isClean ? nil : AuditFinding(found.audit, in: found.folder)
        }
        try await noteUnaccounted()
    }

    /// Deferred messages that are not listed any more were removed from the server: nothing is left to ask for.
    private func close(_ audited: [Audited]) async throws {
        for found in audited.compactMap(\.compared) {
            let uids = found.audit.differences[.openNotListed] ?? UIDSet()
            for chunk in uids.chunks(of: Limits.describedAtOnce) {
                let now = environment.clock.now
                let closed = try await environment.store.write { [folder = found.folder] transaction in
                    try chunk.filter { uid in
                        let row = try transaction.ledger.find(folder.id, epoch: folder.epoch, uid: uid)
                        guard row?.state == .deferred else { return false }
                        try transaction.ledger.note(
                            folder.id, epoch: folder.epoch, uid: uid, as: .gone, reason: "not listed any more",
                            at: now)
                        return true
                    }
                }
                for uid in closed {
                    environment.log.record(.messageGone(account.name, folder: found.path, uid: uid))
                }
            }
        }
    }

    /// Looks which findings are cured. Called after each turn: without findings it does nothing.
    func settleFindings() async throws {
        guard !audits.findings.isEmpty else { return }
        let findings = audits.findings
        let rest = try await environment.store.read { transaction -> [FolderID: AuditFinding] in
            var rest: [FolderID: AuditFinding] = [:]
            for (id, finding) in findings {
                let folder = try transaction.folders.find(id)
                let known = try folder.map { try transaction.ledger.known(id, epoch: $0.epoch) }
                rest[id] = finding.remaining(in: folder, known: known ?? UIDSet())
            }
            return rest
        }
        for id in findings.keys { audits.findings[id] = rest[id] }
        audits.suspects.formIntersection(audits.findings.values.map(\.serverName))
        try await noteUnaccounted()
    }

    private func noteUnaccounted() async throws {
        let count = audits.findings.values.reduce(0) { $0 + $1.count }
        let stored = try await environment.store.read { [accountID] in try $0.accounts.find(accountID)?.unaccounted }
        guard stored != count else { return }
        try await environment.store.write { [accountID] in try $0.accounts.noteUnaccounted(accountID, count) }
    }

    // MARK: What is told

    private func report(_ audited: [Audited]) async throws -> [AuditOutcome.Folder] {
        var folders: [AuditOutcome.Folder] = []
        for folder in audited {
            var told = AuditOutcome.Folder(folder.path)
            told.failure = folder.failure
            if let compared = folder.compared {
                let (audit, stored) = (compared.audit, compared.folder)
                told.numbers = audit.numbers
                told.unaccounted = audit.unaccounted.count
                told.remaining = audits.findings[stored.id]?.count ?? 0
                told.differencesInAll = audit.differences.values.reduce(0) { $0 + $1.count }
                told.differences = try await differences(audit, in: stored)
                told.notFetched = try await notFetched(audit, in: stored)
                told.notFetchedInAll = audit.notFetched.count
            }
            folders.append(told)
        }
        return folders
    }

    private func notFetched(_ audit: FolderAudit, in folder: StoredFolder) async throws -> [AuditOutcome.NotFetched] {
        let first = Array(audit.notFetched.lazy.prefix(Limits.differencesShown))
        return try await environment.store.read { transaction in
            try first.compactMap { uid in
                let row = try transaction.ledger.find(folder.id, epoch: folder.epoch, uid: uid)
                guard let row, row.state.isNotFetched else { return nil }
                return AuditOutcome.NotFetched(uid: uid, state: row.state, reason: row.reason)
            }
        }
    }

    private func differences(
        _ audit: FolderAudit, in folder: StoredFolder
    ) async throws -> [AuditOutcome.Difference] {
        let first = audit.first(Limits.differencesShown)
        let open = audits.findings[folder.id]
        return try await environment.store.read { transaction in
            try first.map { uid, reason in
                let row = try transaction.ledger.find(folder.id, epoch: folder.epoch, uid: uid)
                let isOpen = open?.missed.contains(uid) == true || open?.others.contains(uid) == true
                return AuditOutcome.Difference(
                    uid: uid, reason: reason, done: isOpen ? "not cured yet" : reason.cure(row?.state))
            }
        }
    }
}

extension FolderAudit {
    /// The first `count` differences, reason by reason.
    fileprivate func first(_ count: Int) -> [(uid: UID, reason: AuditReason)] {
        var found: [(uid: UID, reason: AuditReason)] = []
        for reason in AuditReason.allCases {
            found += (differences[reason] ?? UIDSet()).lazy.prefix(count - found.count).map { ($0, reason) }
        }
        return found
    }
}

extension AuditReason {
    /// What became of a message in trouble, whose row is in `state` now.
    fileprivate func cure(_ state: LedgerState?) -> String {
        switch (self, state) {
        case (.missed, .delivered?), (.missed, .staged?): "fetched"
        case (.missed, let state?): "looked at, it is \(state.rawValue) now"
        case (.missed, nil), (.otherMessage, _), (.removedListed, _): "recognised anew"
        case (.openNotListed, .quarantined?): "nothing, see postbote quarantine drop"
        case (.openNotListed, _): "closed as gone"
        }
    }
}
