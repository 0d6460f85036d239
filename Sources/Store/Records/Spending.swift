import Diagnostics

/// What attempts took of a provider's limits, in about one moment.
public struct Spending: Hashable, Sendable {
    /// When the last of them began.
    public var at: Timestamp
    /// Attempts to send a message.
    public var messages: Int
    /// Recipients that the server took or may have taken.
    public var recipients: Int

    public init(at: Timestamp, messages: Int, recipients: Int) {
        self.at = at
        self.messages = messages
        self.recipients = recipients
    }
}
