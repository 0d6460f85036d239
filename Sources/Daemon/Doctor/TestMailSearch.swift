import Diagnostics

/// Looks for a mail that is on its way: for seconds as a rule, sometimes for a minute.
struct TestMailSearch: Sendable {
    enum Outcome: Equatable, Sendable {
        case found(after: Duration)
        case missing(after: Duration)
    }

    let clock: any WallClock
    /// Whether it is there now.
    let look: @Sendable () async throws -> Bool

    func run() async throws -> Outcome {
        let begun = clock.now
        while true {
            let isThere = try await look()
            let waited = clock.now - begun
            if isThere { return .found(after: waited) }
            guard waited < Limits.testMailWait else { return .missing(after: waited) }
            try await clock.sleep(for: Limits.testMailInterval)
        }
    }
}
