/// A part of the queue, oldest first.
public struct QueuePage: Codable, Hashable, Sendable {
    public var messages: [QueuedMessage]
    /// Given back as `after` it brings the next part; absent on the last.
    public var next: String?

    public init(messages: [QueuedMessage], next: String? = nil) {
        self.messages = messages
        self.next = next
    }
}
