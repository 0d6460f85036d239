import Diagnostics

/// When a token is refreshed: 10 minutes before it ends, at half the life of tokens that live under 20 minutes, earlier
/// where the provider wishes it, and spread over time so that many accounts do not come at once.
public enum RefreshSchedule {
    public static let lead = Duration.seconds(600)
    /// Of the whole life: by how much a refresh may come earlier. A thousand tokens that were fetched at once are
    /// refreshed at no more than about twice their mean rate, at the price of a fifth more requests.
    static let spread = 1.0 / 3

    /// The moment a token that was obtained at `obtained` should be refreshed.
    ///
    /// - Parameter jitter: a random number from 0 to 1: how much of the spread this token takes.
    public static func due(
        obtained: Timestamp, lifetime: Duration, refreshIn: Duration? = nil, jitter: Double
    ) -> Timestamp {
        let life = max(lifetime.inMilliseconds, 1)
        let leadTime = min(lead.inMilliseconds, life / 2)
        let latest = min(life - leadTime, refreshIn?.inMilliseconds ?? .max)
        let spread = min(Int64(Double(life) * spread), latest / 2)
        return obtained + .milliseconds(latest - Int64(Double(spread) * min(max(jitter, 0), 1)))
    }
}
