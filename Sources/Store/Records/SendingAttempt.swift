import MailModel

/// An attempt that was recorded and may contact the server now.
public struct SendingAttempt: Hashable, Sendable {
    public let message: QueuedMessage
    /// From 1.
    public let number: Int
    /// Those to be tried.
    public let recipients: [QueuedRecipient]
}
