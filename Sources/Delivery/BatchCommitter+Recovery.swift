import Diagnostics
import MailModel
import Store

extension BatchCommitter {
    /// Finishes what a crash or an error left between the first commit and the last.
    ///
    /// A staged file that is there was not published: it is now. One that is gone was: the rename is the only thing that
    /// removes it. Either way the destination holds the message once. Only where the staging directory itself is gone,
    /// nothing can be told: then the message is forgotten and fetched again, rather twice than never.
    ///
    /// - Parameter isConfigured: whether the delivery's place is one of its destination's; elsewhere a file that cannot be
    ///   published is given up in the same way.
    /// - Returns: the deliveries that were given up; their messages are fetched again.
    func recover(
        _ owed: [OwedDelivery], isConfigured: @Sendable (OwedDelivery) -> Bool
    ) async throws -> [OwedDelivery] {
        var abandoned = owed.filter { Maildir.hasLostStaging(ofStaged: $0.stagedName) }
        var lost = Set(abandoned.map(\.message))
        // What is fetched again must not be published from here as well.
        remove(owed.filter { lost.contains($0.message) }.map(\.stagedName))
        var directories: Set<String> = []
        var failure: Failure?
        var failed: Set<OwedDelivery> = []
        for delivery in owed where !lost.contains(delivery.message) {
            do throws(Failure) {
                try Maildir.makeNewDirectory(forStaged: delivery.stagedName)
                _ = try Maildir.publish(delivery.stagedName)
                directories.insert(Maildir.newDirectory(forStaged: delivery.stagedName))
            } catch {
                if isConfigured(delivery) {
                    failure = failure ?? error
                    failed.insert(delivery)
                } else {
                    abandoned.append(delivery)
                    lost.insert(delivery.message)
                    remove(owed.filter { $0.message == delivery.message }.map(\.stagedName))
                }
            }
        }
        // The renames must be durable before the ledger may say `delivered`.
        for directory in directories { try Maildir.syncDirectory(directory) }
        let published = owed.filter { !lost.contains($0.message) && !failed.contains($0) }
        for (destination, deliveries) in Dictionary(grouping: published, by: \.destination) {
            try await settle(deliveries.map(\.message), destination)
        }
        if !lost.isEmpty { try await store.write { [lost] in try $0.ledger.unstage(lost) } }
        if let failure { throw failure }
        return abandoned
    }
}
