import Diagnostics
import MailModel

/// An attempt in a message's history.
public struct AttemptRecord: Hashable, Sendable {
    public let number: Int
    public let started: Timestamp
    /// As recorded before the server was contacted.
    public let nextTry: Timestamp
    /// Just before the final dot; `nil`: it never came so far.
    public let marker: Timestamp?
    public let finished: Timestamp?
    /// The message's state after it.
    public let outcome: QueueState?
    public let reply: String?
}
