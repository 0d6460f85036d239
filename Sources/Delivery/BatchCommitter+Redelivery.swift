import Diagnostics
import MailModel
import Store

extension BatchCommitter {
    /// The steps of `commit` for messages that are known, have their rows, and are delivered once more.
    ///
    /// - Returns: those that were; the others are not wanted any more, and their files are removed.
    func redeliver(
        _ messages: [(id: LedgerID, message: StagedMessage)], into folder: DeliveryFolder
    ) async throws -> [StagedMessage] {
        var batch = StagedBatch()
        for (_, message) in messages { batch.append(message) }
        do {
            try syncStaged(batch, folder)
        } catch {
            discard(batch)
            throw error
        }
        // From this commit on a crash finds the files by their rows and publishes them; before it, the files have no row
        // and are swept, and the redelivery is still ordered.
        let now = clock.now
        let isStaged = try await store.write { transaction in
            try messages.map { try transaction.ledger.stageAgain($0.id, $0.message, at: now) }
        }
        let staged = zip(messages, isStaged).filter(\.1).map(\.0)
        for (message, isWanted) in zip(messages, isStaged) where !isWanted { discard(message.message) }
        guard !staged.isEmpty else { return [] }
        for (index, destination) in folder.destinations.enumerated() {
            try publish(staged.map { $0.message.destinations[index].stagedName })
            try await settle(staged.map(\.id), destination.name)
        }
        return staged.map(\.message)
    }
}
