import Diagnostics
import MailModel
import Sessions
import Store

extension FolderVisit {
    /// Fetches messages that wait behind new mail, slice by slice, newest first.
    ///
    /// - Parameters:
    ///   - progress: goes on from there.
    ///   - second: takes slices too while there are many.
    ///   - goesOn: asked before each slice, and told how far it is.
    /// - Returns: what is left, and what was delivered.
    /// - Throws: a failure of the folder, to be tried at once, when UIDs name other messages now.
    func backfill(
        _ backlog: Backlog, _ progress: BackfillProgress, in mailbox: any Mailbox,
        beside second: SecondSession? = nil,
        while goesOn: @escaping @Sendable (BackfillProgress) async -> Bool
    ) async throws -> (left: Backlog, result: Result) {
        let stored = try await opened(mailbox, backlog)
        let sharing = backlog.rest.count >= Limits.secondSessionFrom ? second : nil
        let share = BackfillShare(
            backlog, progress, isShared: sharing != nil, environment.clock, while: goesOn)
        var result = Result()
        if let sharing { result = try await fetch(share, in: mailbox, stored, beside: sharing) }
        // What the second one gave up.
        result.add(try await fetch(share, in: mailbox, stored))
        await share.tell()
        result.tooLarge = await share.tooLarge
        let left = await share.backlog
        if left.rest.isEmpty {
            try await environment.store.write { try $0.folders.finishBackfill(stored.id, epoch: stored.epoch) }
        }
        return (left, result)
    }

    /// Fetches on two connections. The second joins as soon as it has signed in; what it has in hand when the first is done
    /// it may end, unless that takes long.
    private func fetch(
        _ share: BackfillShare, in mailbox: any Mailbox, _ stored: StoredFolder, beside second: SecondSession
    ) async throws -> Result {
        let joining = Task { await join(second, share, stored) }
        let helping = Task { () throws -> Result in
            guard let retrieval = await joining.value else { return Result() }
            return try await help(share, retrieval, second)
        }
        return try await withTaskCancellationHandler {
            var result: Result
            do {
                result = try await fetch(share, in: mailbox, stored)
            } catch {
                joining.cancel()
                helping.cancel()
                _ = await helping.result
                // Perhaps the server let the first go for it.
                if await joining.value != nil { await second.rest(because: error) }
                throw error
            }
            // Nothing is left for it where it is not there yet.
            joining.cancel()
            let patience = Task { () -> Bool in
                do { try await environment.clock.sleep(for: Limits.sliceDuration * 2) } catch { return false }
                helping.cancel()
                return true
            }
            let helped = await helping.result
            patience.cancel()
            if await patience.value { await second.rest(because: FolderVisit.secondIsSlow) }
            result.add(try helped.get())
            return result
        } onCancel: {
            joining.cancel()
            helping.cancel()
        }
    }

    private static let secondIsSlow = Failure(
        .direction, .later(after: nil), operation: "UID FETCH",
        reason: "The second connection still had messages to fetch when the first had been done for a while.")

    private func fetch(_ share: BackfillShare, in mailbox: any Mailbox, _ stored: StoredFolder) async throws -> Result
    {
        let retrieval = try await MessageRetrieval(self, mailbox, stored)
        return try await retrieval.run { retrieval in
            var open = 0
            while let slice = await share.next() { open += try await fetch(slice, of: share, retrieval) }
            return open
        }
    }

    /// - Returns: how many were not retrieved.
    private func fetch(
        _ slice: BackfillShare.Slice, of share: BackfillShare, _ retrieval: MessageRetrieval
    ) async throws -> Int {
        let octets = await retrieval.octets
        let wanted = try await wanted(slice.uids, retrieval.stored, retrieval.mailbox)
        let open = wanted.uids.isEmpty ? 0 : try await retrieval.retrieveWhole(wanted.uids)
        await share.fetched(slice, octets: await retrieval.octets - octets, tooLarge: wanted.tooLarge)
        return open
    }

    /// Opens the folder on the second connection.
    private func join(
        _ second: SecondSession, _ share: BackfillShare, _ stored: StoredFolder
    ) async -> MessageRetrieval? {
        if let mailbox = await second.open() {
            do {
                // Whether the folder has moved the first connection finds out.
                if try await mailbox.select(folder).uidValidity == stored.uidValidity {
                    return try await MessageRetrieval(self, mailbox, stored)
                }
            } catch {
                await second.didNotOpen(because: error)
            }
        }
        await share.isAlone()
        return nil
    }

    /// Fetches on the second connection. Whatever ends that is no failure of the folder's: the first one goes on with what
    /// was not delivered.
    ///
    /// - Throws: when it is this side that fails.
    private func help(
        _ share: BackfillShare, _ retrieval: MessageRetrieval, _ second: SecondSession
    ) async throws -> Result {
        var taken = UIDSet()
        var inHand: BackfillShare.Slice?
        do {
            return try await retrieval.run { retrieval in
                var open = 0
                while let slice = await share.next(forSecond: true) {
                    inHand = slice
                    taken = taken.union(slice.uids)
                    open += try await fetch(slice, of: share, retrieval)
                    inHand = nil
                }
                return open
            }
        } catch {
            await second.rest(because: error)
            if await retrieval.pipeline.hasFailed { throw error }
            // What was fetched before and not decided yet is lost with the connection: it is asked for again, too.
            await share.gaveUp(inHand, rest: try await open(taken, retrieval.stored))
            return await retrieval.result
        }
    }

    /// Those without a row, and those that were not given and may be asked for again at once.
    private func open(_ uids: UIDSet, _ stored: StoredFolder) async throws -> UIDSet {
        guard let first = uids.first, let last = uids.last else { return uids }
        let now = environment.clock.now
        return try await environment.store.read { transaction in
            uids.subtracting(try transaction.ledger.known(stored.id, epoch: stored.epoch, in: first...last))
                .union(try transaction.obstacles.dueUIDs(stored.id, epoch: stored.epoch, at: now).intersection(uids))
        }
    }

    private func opened(_ mailbox: any Mailbox, _ backlog: Backlog) async throws -> StoredFolder {
        var validity = await mailbox.openValidity(of: folder)
        if validity == nil { validity = try await mailbox.select(folder).uidValidity }
        let stored = try await environment.store.read { try $0.folders.find(backlog.folder) }
        guard let stored, stored.epoch == backlog.epoch, stored.uidValidity == validity else {
            throw Failure(
                .folder, .now, operation: "SELECT",
                reason: "The folder changed while old mail was being fetched; it is visited again.")
        }
        return stored
    }
}
