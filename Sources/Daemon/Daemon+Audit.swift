import Diagnostics
import Fetching
import MailModel
import Operations
import Store

/// The audits of the night, which the daemon begins by itself.
struct NightlyAudits {
    var running: [AccountName: Task<Void, Never>] = [:]
    /// Those that failed are not tried again before.
    var notBefore: [AccountName: Timestamp] = [:]
    /// Of the accounts with messages that are not accounted for, those that were audited since the start: what was found
    /// before it is found again.
    var repeated: Set<AccountName> = []
    let nap = Nap()
}

extension Daemon {
    /// Begins each account's audit when its time has come, a few at once.
    func auditNightly() async {
        while !Task.isCancelled {
            let next = (try? await beginDueAudits()) ?? nil
            let latest = clock.now + Limits.auditInterval
            await nightly.nap.sleep(until: min(next ?? latest, latest), clock)
        }
        for task in nightly.running.values { task.cancel() }
    }

    /// - Returns: when the next one is due.
    private func beginDueAudits() async throws -> Timestamp? {
        let stored = try await store.read { try $0.accounts.all() }
        let schedule = AuditSchedule(zone: ProcessInformation.zone(at: clock.now))
        var next: Timestamp?
        for account in stored {
            guard nightly.running[account.name] == nil, let worker = workers[account.name],
                let fetcher = worker.receiving?.worker
            else { continue }
            let due = due(account, schedule)
            guard due <= clock.now else {
                next = min(next ?? due, due)
                continue
            }
            // What cannot be reached is not audited; it is looked at again soon.
            guard nightly.running.count < Limits.auditsAtOnce, await fetcher.status.health.failure == nil,
                await fetcher.status.pausedUntil == nil
            else { continue }
            nightly.running[account.name] = Task { await self.audit(account.name, fetcher) }
        }
        return next
    }

    private func due(_ account: StoredAccount, _ schedule: AuditSchedule) -> Timestamp {
        let wait = nightly.notBefore[account.name] ?? clock.now
        // An audit was interrupted between what it found and its cure.
        if account.unaccounted > 0, !nightly.repeated.contains(account.name) { return wait }
        return max(schedule.due(account.name, after: account.audited ?? account.created), wait)
    }

    private func audit(_ name: AccountName, _ fetcher: AccountFetcher) async {
        do {
            _ = try await fetcher.audit()
            nightly.notBefore[name] = nil
            nightly.repeated.insert(name)
        } catch {
            nightly.notBefore[name] = clock.now + Limits.auditRetry
            if let failure = error as? Failure, !Task.isCancelled {
                log.record(.failure(failure.of(account: name.text)))
            }
        }
        nightly.running[name] = nil
        nightly.nap.wake()
    }

    public func audit(_ name: AccountName) async throws -> AuditReport {
        let fetcher = try receiving(name)
        guard await fetcher.status.pausedUntil == nil else { throw Daemon.paused(name) }
        let outcome = try await naming(name) { try await fetcher.audit() }
        return AuditReport(
            account: name.text, started: outcome.started, seconds: outcome.duration.inSeconds,
            unaccounted: outcome.unaccounted, remaining: outcome.remaining,
            problem: outcome.failure.map { ErrorReport($0) }, folders: outcome.folders.map { AuditReport.Folder($0) })
    }
}

extension AuditReport.Folder {
    fileprivate init(_ folder: AuditOutcome.Folder) {
        self.init(name: folder.path.description)
        let states = folder.numbers.states
        listed = folder.numbers.listed
        delivered = states[.delivered] ?? 0
        duplicates = states[.duplicate] ?? 0
        staged = states[.staged] ?? 0
        tooLarge = states[.tooLarge] ?? 0
        skipped = states[.skipped] ?? 0
        deferred = states[.deferred] ?? 0
        quarantined = states[.quarantined] ?? 0
        givenUp = states[.gone] ?? 0
        waiting = folder.numbers.waiting
        arriving = folder.numbers.arriving
        beforeSince = folder.numbers.beforeSince
        notListed = folder.numbers.notListed
        unaccounted = folder.unaccounted
        remaining = folder.remaining
        differences = folder.differences.map { difference in
            AuditReport.Difference(
                uid: difference.uid.rawValue, reason: difference.reason.rawValue, words: difference.reason.words,
                done: difference.done)
        }
        moreDifferences = folder.differencesInAll - folder.differences.count
        notFetched = folder.notFetched.map { message in
            AuditReport.NotFetched(
                uid: message.uid.rawValue, state: message.state.rawValue, reason: message.reason)
        }
        moreNotFetched = folder.notFetchedInAll - folder.notFetched.count
        problem = folder.failure.map { ErrorReport($0) }
    }
}
