import Diagnostics

/// A clock that tests move by hand. Sleepers wake when it reaches their deadline, never by themselves.
public final class TestClock: WallClock {
    private struct State: Sendable {
        var now: Timestamp
        var sleepers: [Int: Timestamp] = [:]
        var next = 0
    }

    private let state: Watched<State>

    public init(now: Timestamp = Timestamp(seconds: 1_800_000_000)) { state = Watched(State(now: now)) }

    public var now: Timestamp { state.value.now }

    /// The deadlines that somebody sleeps for, earliest first.
    public var deadlines: [Timestamp] { state.value.sleepers.values.sorted() }

    public func sleep(until deadline: Timestamp) async throws {
        let sleeper = state.update { state in
            state.next += 1
            if deadline > state.now { state.sleepers[state.next] = deadline }
            return state.next
        }
        defer { state.update { _ = $0.sleepers.removeValue(forKey: sleeper) } }
        // No deadline of the real clock: a sleeper may be meant to sleep through the whole test.
        try await state.wait(for: "the test clock to reach \(deadline)", within: .seconds(86400)) {
            $0.now >= deadline
        }
        try Task.checkCancellation()
    }

    public func advance(by step: Duration) { state.update { $0.now = $0.now + step } }

    /// Sets the clock, forward or back, as an administrator or NTP does.
    public func set(to moment: Timestamp) { state.update { $0.now = moment } }

    /// Returns once at least `count` sleepers wait for a moment after `now`.
    public func sleepers(atLeast count: Int = 1) async throws {
        try await state.wait(for: "\(count) sleepers at the test clock") { state in
            state.sleepers.values.count { $0 > state.now } >= count
        }
    }

    /// Waits for somebody to sleep, then moves to the earliest deadline and returns it.
    @discardableResult
    public func advanceToNextDeadline() async throws -> Timestamp {
        try await sleepers()
        return state.update { state in
            let next = state.sleepers.values.filter { $0 > state.now }.min() ?? state.now
            state.now = max(state.now, next)
            return next
        }
    }
}
