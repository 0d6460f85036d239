/// What an order changed in the queue.
public struct QueueOrderReport: Codable, Hashable, Sendable {
    /// Messages that were changed.
    public var changed: Int

    public init(changed: Int) { self.changed = changed }
}
