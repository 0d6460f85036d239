import Diagnostics
import MailModel

/// What is remembered of an account itself.
public struct StoredAccount: Hashable, Sendable {
    public let id: AccountID
    public let name: AccountName
    public let created: Timestamp
    public let parking: Parking
    public let pauses: Pauses
    /// When the last audit that came to its end began; `nil`: there was none.
    public let audited: Timestamp?
    /// Messages that an audit found unaccounted for, and that are so still.
    public let unaccounted: Int

    /// Until when an operator paused what; `nil`: not.
    public struct Pauses: Hashable, Sendable {
        /// Fetching and sending; `distantFuture`: until somebody resumes.
        public var account: Timestamp?
        /// The fetching of old mail alone.
        public var backfill: Timestamp?

        public init(account: Timestamp? = nil, backfill: Timestamp? = nil) {
            self.account = account
            self.backfill = backfill
        }

        /// Without those whose time is over.
        public func inForce(at now: Timestamp) -> Pauses {
            Pauses(
                account: account.flatMap { $0 > now ? $0 : nil }, backfill: backfill.flatMap { $0 > now ? $0 : nil })
        }
    }

    /// How long sending has been parked: time that does not age a message.
    public struct Parking: Hashable, Sendable {
        public let total: Duration
        public let since: Timestamp?

        /// Parked time up to `now`.
        public func elapsed(at now: Timestamp) -> Duration { total + (since.map { max(now - $0, .zero) } ?? .zero) }
    }
}
