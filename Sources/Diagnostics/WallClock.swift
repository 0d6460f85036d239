import Dispatch

#if canImport(Glibc)
    import Glibc
#endif

/// The time of day, as a parameter: tests give one that they move by hand.
public protocol WallClock: Sendable {
    var now: Timestamp { get }

    /// Returns at `deadline`, or throws `CancellationError` when the task is cancelled first.
    func sleep(until deadline: Timestamp) async throws
}

extension WallClock {
    public func sleep(for wait: Duration) async throws { try await sleep(until: now + wait) }
}

/// The machine's clock.
public struct SystemClock: WallClock {
    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    public func sleep(until deadline: Timestamp) async throws {
        // In slices, so that a clock that is set forward or a machine that slept does not delay anything by hours.
        while true {
            let remaining = deadline - now
            guard remaining > .zero else { return try Task.checkCancellation() }
            try await Task.sleep(for: min(remaining, .seconds(60)))
        }
    }
}
