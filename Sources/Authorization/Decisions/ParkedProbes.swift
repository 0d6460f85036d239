import Diagnostics

/// When something parked is tried again although nobody said that it was mended: 5, 15 and 60 minutes after it was parked,
/// then every hour.
public struct ParkedProbes: Hashable, Sendable {
    public let since: Timestamp
    /// How many probes failed.
    public private(set) var failed: Int

    public init(since: Timestamp, failed: Int = 0) {
        self.since = since
        self.failed = failed
    }

    public mutating func probeFailed() { failed += 1 }

    /// The moment of the next probe; never before `now`, so that a stopped machine makes up for nothing.
    public func next(after now: Timestamp) -> Timestamp {
        let minutes: Int64 =
            switch failed {
            case 0: 5
            case 1: 15
            default: 60 * Int64(failed - 1)
            }
        let planned = since + .seconds(minutes * 60)
        if planned > now, planned - now <= .seconds(3600) { return planned }
        // The clock was set, or probes were late: go on at the same pace from here.
        return now + .seconds(min(minutes, 60) * 60)
    }
}
