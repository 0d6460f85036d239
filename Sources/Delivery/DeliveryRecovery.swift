import Diagnostics
import MailModel
import Store

/// Finishes interrupted deliveries of an account before anything new is fetched for it.
public struct DeliveryRecovery: Sendable {
    private let store: Store
    private let committer: BatchCommitter
    private let log: EventLog
    private let destinations: [DestinationName: MaildirSettings]?

    /// - Parameter destinations: the Maildirs as they are configured now; `nil`: as they were when mail was staged.
    public init(
        store: Store, clock: any WallClock, log: EventLog = .silent,
        destinations: [DestinationName: MaildirSettings]? = nil
    ) {
        self.store = store
        self.log = log
        self.destinations = destinations
        committer = BatchCommitter(store: store, clock: clock)
    }

    /// - Parameter unsettled: files of the account's whose commit failed in this process.
    /// - Returns: how many messages were still owed.
    public func run(_ account: AccountID, unsettled: UnsettledFiles = UnsettledFiles()) async throws -> Int {
        try await settle(unsettled)
        var count = 0
        while true {
            let owed = try await store.read { try $0.deliveries.owed(account) }
            guard !owed.isEmpty else { return count }
            let lost = try await committer.recover(owed) { isConfigured($0) }
            count += owed.count
            try await report(lost, account)
        }
    }

    /// Whether the delivery's place is still one of its destination's. A file that cannot be published elsewhere is given
    /// up, because the operator has left that place; here somebody must repair it.
    private func isConfigured(_ owed: OwedDelivery) -> Bool {
        guard let destinations else { return true }
        guard let settings = destinations[owed.destination] else { return false }
        return owed.stagedName.hasPrefix(settings.path.prefix { $0 != "{" })
    }

    private func report(_ lost: [OwedDelivery], _ account: AccountID) async throws {
        guard !lost.isEmpty else { return }
        let name = try await store.read { try $0.accounts.find(account) }?.name
        for (path, deliveries) in Dictionary(grouping: lost, by: { Maildir.staging(ofStaged: $0.stagedName) }) {
            log.record(.stagingLost(name, path: path, messages: deliveries.count))
        }
    }

    /// Removes those of the files that no row owes. After a commit that failed nothing else is written before another one
    /// succeeded, so that what a transaction of its own sees is what the disk holds.
    private func settle(_ unsettled: UnsettledFiles) async throws {
        let files = unsettled.all
        guard !files.isEmpty else { return }
        let orphans = try await store.write { transaction in
            try files.filter { try !transaction.deliveries.isOwed($0.path, to: $0.destination, $0.key) }
        }
        await committer.remove(orphans.map(\.path))
        unsettled.remove(files)
    }

    /// Removes files that crashes left in the staging directories, older than this process and owed to nobody.
    public func sweep(_ maildirs: [Maildir], startedAt: Timestamp) async throws -> Int {
        let accounts = try await store.read { try $0.deliveries.accounts() }
        var owed: Set<String> = []
        for account in accounts {
            var last: LedgerID?
            repeat {
                let page = try await store.read { [last] in try $0.deliveries.owed(account, after: last) }
                owed.formUnion(page.map(\.stagedName))
                last = page.last?.message
            } while last != nil
        }
        return await committer.sweep(maildirs, owed: owed, startedAt: startedAt)
    }
}

extension BatchCommitter {
    func sweep(_ maildirs: [Maildir], owed: Set<String>, startedAt: Timestamp) -> Int {
        maildirs.reduce(0) { $0 + $1.sweep(store.mark, owed: owed, olderThan: startedAt) }
    }
}
