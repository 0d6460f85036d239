import Diagnostics
import MailModel
import Store

/// Takes a batch from staging into `new`, exactly once, in the four steps of which `DeliveryPipeline` does the first.
///
/// Recovery can tell from the ledger and the staging directory alone which steps a crash left out, see `recover`.
actor BatchCommitter {
    private let disk = DiskQueue("postbote.delivery.commit")
    let store: Store
    private let clock: any WallClock
    nonisolated var unownedExecutor: UnownedSerialExecutor { disk.asUnownedSerialExecutor() }

    init(store: Store, clock: any WallClock) {
        self.store = store
        self.clock = clock
    }

    func commit(_ batch: StagedBatch, into folder: DeliveryFolder) async throws {
        do {
            try syncStaged(batch, folder)
        } catch {
            discard(batch)
            throw error
        }
        // From this commit on a crash finds the files by their rows and finishes the delivery; before it, the files have
        // no row and are swept, and the messages are fetched again.
        let now = clock.now
        let ids = try await store.write { transaction in
            try transaction.ledger.stage(folder.id, epoch: folder.epoch, batch.messages, at: now)
        }
        for (index, destination) in folder.destinations.enumerated() {
            try publish(batch.messages.map { $0.destinations[index].stagedName })
            try await settle(ids, destination.name)
        }
    }

    /// Removes staged files that no row names. Never after a commit was tried, not even a failed one: it may have become
    /// durable, and a row without its file reads as published.
    func discard(_ batch: StagedBatch) {
        for message in batch.messages {
            for destination in message.destinations { Maildir.removeStaged(destination.stagedName) }
        }
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
    private func syncStaged(_ batch: StagedBatch, _ folder: DeliveryFolder) throws(Failure) {
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
    private func publish(_ staged: [String]) throws(Failure) {
        guard let first = staged.first else { return }
        let new = Maildir.newDirectory(forStaged: first)
        for path in staged { _ = try Maildir.publish(path, into: new) }
        try Maildir.syncDirectory(new)
    }
}
