import Diagnostics
import MailModel
import Sessions

// Messages that wait behind new mail are fetched between the turns, on the same connection.
extension AccountFetcher {
    /// Whether there is something to do before the next turn.
    var canBackfill: Bool {
        !backlogs.isEmpty && pause == nil && backfillPause == nil && status.health.failure == nil
    }

    /// Fetches what waits until nothing is left or a turn is due.
    func backfill() async {
        status.activity = .fetching
        do {
            let session = try await openSession()
            for watched in session.selection.watched {
                guard let backlog = backlogs[watched.folder.serverName] else { continue }
                guard !isTurnDue else { break }
                // In a new session a visit sees first whether UIDs still mean the same.
                guard !session.mailbox.keepsSession || session.visited.contains(watched.folder.serverName) else {
                    wantsTurn = true
                    break
                }
                try await backfillOrSkip(watched, backlog)
            }
            lostBackfills = 0
            await leaveSession()
            if !isTurnDue {
                // What is left is of folders that are not watched any more.
                backlogs = [:]
                status.backfills = [:]
                waiters.done(.all)
            }
        } catch {
            await backfillFailed(AccountFetcher.failure(error))
        }
        status.activity = .idling
    }

    /// A folder whose old mail cannot be fetched now keeps no other one waiting; its next visit looks again.
    private func backfillOrSkip(_ watched: FolderSelection.Watched, _ backlog: Backlog) async throws {
        let path = watched.folder.path.description
        do {
            try await backfill(watched, backlog)
            backfillFailures[path] = nil
        } catch let failure as Failure where failure.scope <= .folder && failure.retry != .now {
            guard let session = try? await openSession(), await !session.mailbox.isOutOfStep else { throw failure }
            needsRecovery = true
            backlogs[watched.folder.serverName] = nil
            status.folderFailures[path] = failure
            if backfillFailures.updateValue(failure, forKey: path) != failure {
                environment.log.record(.failure(failure.of(account: account.name.text).at("folder", path)))
            }
        }
    }

    private func backfill(_ watched: FolderSelection.Watched, _ backlog: Backlog) async throws {
        let session = try await openSession()
        let name = watched.folder.serverName
        let path = watched.folder.path.description
        let visit = try visit(to: watched, among: session.selection.remote)
        let progress =
            status.backfills[path] ?? BackfillProgress(left: backlog.rest.count, at: environment.clock.now)
        // POP3 lets only one session into a mailbox (RFC 1939 §4).
        let second = session.mailbox.keepsSession ? second : nil
        mayHaveSecond = true
        let (left, result) = try await visit.backfill(backlog, progress, in: session.mailbox, beside: second) {
            progress in
            await self.note(progress, of: path)
            return await !self.isTurnDue
        }
        backlogs[name] = left.rest.isEmpty ? nil : left
        status.delivered += result.delivered
        waiters.note(result, until: environment.clock.now)
        guard left.rest.isEmpty, let progress = status.backfills.removeValue(forKey: path) else { return }
        environment.log.record(
            .backfillFinished(
                account.name, folder: path, done: progress.done, octets: progress.octets,
                after: environment.clock.now - progress.started))
    }

    private func note(_ progress: BackfillProgress, of folder: String) { status.backfills[folder] = progress }

    /// Old mail waits, the next visit finds out which, and new mail goes first.
    private func backfillFailed(_ failure: Failure) async {
        needsRecovery = true
        await closeSession()
        backlogs = [:]
        guard !Task.isCancelled else { return }
        lostBackfills += 1
        // What ended with the session is tried again in another one, but not for ever without a word.
        if failure.retry == .now || failure.scope <= .folder, lostBackfills <= Limits.immediateRetries {
            wantsTurn = true
        } else {
            note(failure)
            waiters.failed(failure)
        }
    }

    /// What waits after a visit.
    func remember(_ backlog: Backlog?, of folder: RemoteFolder) {
        let path = folder.path.description
        backlogs[folder.serverName] = backlog
        guard let backlog else {
            status.backfills[path] = nil
            return
        }
        let count = backlog.rest.count
        if status.backfills[path] == nil {
            status.backfills[path] = BackfillProgress(left: count, at: environment.clock.now)
            environment.log.record(.backfillStarted(account.name, folder: path, waiting: count))
        } else {
            status.backfills[path]?.left = count
        }
    }
}
