import MailModel

/// Which messages of the queue are listed.
public struct QueueFilter: Hashable, Sendable {
    public var account: AccountName?
    /// `nil`: every open message, and those that failed.
    public var state: QueueState?
    /// Where the last part ended, as its `next` said.
    public var after: QueueID?
    /// At most this many.
    public var limit: Int

    public init(account: AccountName? = nil, state: QueueState? = nil, after: QueueID? = nil, limit: Int) {
        self.account = account
        self.state = state
        self.after = after
        self.limit = limit
    }
}
