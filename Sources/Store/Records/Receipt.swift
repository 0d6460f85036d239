import MailModel

/// What became of a submission.
public struct Receipt: Hashable, Sendable {
    public let id: QueueID
    /// `false`: the same message was accepted under this idempotency key before.
    public let isNew: Bool
}
