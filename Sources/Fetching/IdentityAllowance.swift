import Synchronization

/// How many known messages' identities all recoveries of a process may hold in memory together: a provider that moves all
/// its mailboxes in one night must not take memory for each of them.
public final class IdentityAllowance: Sendable {
    /// What one recovery holds of it, until nobody has this value any more.
    final class Share: Sendable {
        private let allowance: IdentityAllowance
        private let count: Int

        fileprivate init(_ allowance: IdentityAllowance, _ count: Int) {
            self.allowance = allowance
            self.count = count
        }

        deinit { allowance.left.withLock { $0 += count } }
    }

    private let left: Mutex<Int>

    public convenience init() { self.init(Limits.identitiesHeld) }

    init(_ count: Int) { left = Mutex(count) }

    /// - Returns: `nil` where less than that is left.
    func share(of count: Int) -> Share? {
        let isThere = left.withLock { left in
            guard left >= count else { return false }
            left -= count
            return true
        }
        return isThere ? Share(self, count) : nil
    }
}
