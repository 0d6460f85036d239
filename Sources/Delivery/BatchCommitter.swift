import Diagnostics
import MailModel
import Store

/// Takes a batch from staging into `new`, exactly once, in the four steps of which `DeliveryPipeline` does the first.
///
/// Recovery can tell from the ledger and the staging directory alone which steps a crash left out, see `recover`.
actor BatchCommitter {
    private let disk = DiskQueue("postbote.delivery.commit")
    let store: Store
    let clock: any WallClock
    nonisolated var unownedExecutor: UnownedSerialExecutor { disk.asUnownedSerialExecutor() }

    init(store: Store, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    /// - Parameter gone: what the server answered about the UIDs that held messages ask for; `nil`: it was not asked.
    func commit(
        _ batch: StagedBatch, into folder: DeliveryFolder, gone: UIDSet? = nil
    ) async throws -> CommitResult {
        do {
            try syncStaged(batch, folder)
        } catch {
            discard(batch)
            throw error
        }
        // From this commit on a crash finds the files by their rows and finishes the delivery; before it, the files have
        // no row and are swept, and the messages are fetched again.
        var sorted = try await sort(batch.messages, into: folder, gone: gone)
        for message in sorted.superfluous { discard(message) }
        if !sorted.again.isEmpty { try await stageAgain(&sorted, into: folder) }
        guard !sorted.staged.isEmpty else { return sorted.result }
        for (index, destination) in folder.destinations.enumerated() {
            try publish(sorted.staged.map { $0.destinations[index].stagedName })
            try await settle(sorted.ids, destination.name)
        }
        sorted.result.delivered = sorted.staged
        return sorted.result
    }

    /// The files' names carry the delivery key, which is that of the first delivery.
    private func stageAgain(_ sorted: inout Sorted, into folder: DeliveryFolder) async throws {
        var renamed = StagedBatch()
        for (message, key) in sorted.again { renamed.append(try Maildir.rename(message, to: key)) }
        do {
            try syncStaged(renamed, folder)
        } catch {
            discard(renamed)
            throw error
        }
        let now = clock.now
        sorted.ids += try await store.write { [messages = renamed.messages] transaction in
            let ids = try transaction.ledger.stage(folder.id, epoch: folder.epoch, messages, at: now)
            if let wish = folder.wish { try transaction.serverActions.plan(ids, wish, folder.rules.account) }
            return ids
        }
        sorted.staged += renamed.messages
    }

    /// Removes staged files that no row names. Never after a commit was tried, not even a failed one: it may have become
    /// durable, and a row without its file reads as published.
    func discard(_ batch: StagedBatch) {
        for message in batch.messages { discard(message) }
    }

    func discard(_ message: StagedMessage) {
        for destination in message.destinations { Maildir.removeStaged(destination.stagedName) }
    }

    func remove(_ staged: [String]) {
        for path in staged { Maildir.removeStaged(path) }
    }

    func settle(_ ids: [LedgerID], _ destination: DestinationName) async throws {
        let now = clock.now
        try await store.write { transaction in
            _ = try transaction.ledger.deliver(ids, to: destination, at: now)
        }
    }

    /// Content and directory entries must be durable before the ledger says `staged`: a row whose file vanished with a
    /// power failure would read as published.
    func syncStaged(_ batch: StagedBatch, _ folder: DeliveryFolder) throws(Failure) {
        for (index, destination) in folder.destinations.enumerated() {
            if batch.messages.count >= Limits.filesPerFileSystemSync {
                try Maildir.syncFileSystem(of: destination.maildir.staging)
                continue
            }
            for message in batch.messages { try Maildir.syncFile(message.destinations[index].stagedName) }
            try Maildir.syncDirectory(destination.maildir.staging)
        }
    }

    /// Renames all of one destination's, then makes the renames durable before the ledger may say `delivered`.
    func publish(_ staged: [String]) throws(Failure) {
        guard let first = staged.first else { return }
        let new = Maildir.newDirectory(forStaged: first)
        try RenameTurn.pass(new) { () throws(Failure) in
            for path in staged { _ = try Maildir.publish(path, into: new) }
        }
        try Maildir.syncDirectory(new)
    }
}
