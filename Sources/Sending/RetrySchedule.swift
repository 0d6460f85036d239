/// When a deferred message is tried again: soon at first, as RFC 5321 §4.5.4.1 asks for, then less and less often.
enum RetrySchedule {
    /// After the first, second, … attempt; the last one repeats.
    static let waits: [Duration] = [
        .seconds(60), .seconds(5 * 60), .seconds(15 * 60), .seconds(30 * 60), .seconds(3600), .seconds(2 * 3600),
        .seconds(4 * 3600),
    ]

    /// - Parameters:
    ///   - attempts: those that counted so far, this one included; at least 1.
    ///   - hint: what the server asked for.
    static func wait(
        after attempts: Int, hint: Duration? = nil, using generator: inout some RandomNumberGenerator
    ) -> Duration {
        let planned = waits[min(max(attempts, 1), waits.count) - 1]
        // Spread, so that messages deferred together do not come back together.
        let spread = planned * Double.random(in: 0.85...1.15, using: &generator)
        return max(spread, hint ?? .zero)
    }
}
