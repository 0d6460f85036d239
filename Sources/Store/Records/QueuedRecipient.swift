import MailModel

/// One recipient of a queued message.
public struct QueuedRecipient: Hashable, Sendable {
    /// Its place in the envelope, from 0.
    public let position: Int
    public let address: String
    public let state: RecipientState
    /// Those that count.
    public let attempts: Int
    /// The server's last words on it.
    public let reply: String?
}
