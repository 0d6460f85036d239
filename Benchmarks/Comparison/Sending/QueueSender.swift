/// A program that drains a queue of messages.
protocol QueueSender: Sendable {
    var name: String { get }

    /// Queues `count` messages of 4 KB while nothing can leave, then lets them go.
    ///
    /// - Parameters:
    ///   - connections: how many may be open at once.
    ///   - tracer: runs the program under it, see `SyncCalls`; empty when it is timed.
    /// - Returns: from the moment they may leave until the last is with the server.
    func run(_ count: Int, over path: SubmissionPath, connections: Int, under tracer: [String]) async throws
        -> Duration
}
