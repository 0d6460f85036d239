import Diagnostics

/// How many messages a connection asks for together: as many as it gets in the time for which new mail may have to wait.
struct SliceSize: Hashable, Sendable {
    private(set) var count = Limits.firstSlice

    /// - Parameter duration: how long it took to get so many.
    mutating func took(_ duration: Duration, for messages: Int) {
        let rate = Double(messages) / max(duration.inSeconds, 0.001)
        let wished = Int(min(rate * Limits.sliceDuration.inSeconds, Double(Limits.largestSlice)))
        count = max(Limits.firstSlice, min(wished, count * Limits.sliceGrowth))
    }

    /// The next slice of `waiting` messages, of which each of several connections takes a part.
    func next(of waiting: Int, among connections: Int) -> Int {
        guard connections > 1 else { return count }
        return min(count, max(Limits.firstSlice, waiting / (connections * Limits.slicesForEach)))
    }
}
