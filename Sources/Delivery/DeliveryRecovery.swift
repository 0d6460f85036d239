import Diagnostics
import MailModel
import Store

/// Finishes interrupted deliveries of an account before anything new is fetched for it.
public struct DeliveryRecovery: Sendable {
    private let store: Store
    private let committer: BatchCommitter

    public init(store: Store, clock: any WallClock) {
        self.store = store
        committer = BatchCommitter(store: store, clock: clock)
    }

    /// - Returns: how many messages were still owed.
    public func run(_ account: AccountID) async throws -> Int {
        var count = 0
        while true {
            let owed = try await store.read { try $0.deliveries.owed(account) }
            guard !owed.isEmpty else { return count }
            _ = try await committer.recover(owed)
            count += owed.count
        }
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
        maildirs.reduce(0) { $0 + $1.sweep(owed: owed, olderThan: startedAt) }
    }
}
