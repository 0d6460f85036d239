import Diagnostics
import MailModel

/// So many requests at once, then so many a minute.
struct Rate: Hashable, Sendable {
    var burst: Int
    var perMinute: Int
}

/// Who may still ask: a bucket for each client, which every request takes from and time fills. A value: the clock is the
/// caller's.
struct RequestBudget: Sendable {
    private struct Bucket {
        var left: Double
        var at: Timestamp
    }

    private let rate: Rate
    private let limit: Int
    private var buckets: [IPAddress?: Bucket] = [:]

    /// - Parameter limit: clients that are told apart; whoever comes when there are so many shares one bucket.
    init(_ rate: Rate, clients limit: Int = Limits.clients) {
        self.rate = rate
        self.limit = limit
    }

    /// Takes one request out of the client's bucket.
    ///
    /// - Returns: `nil`, or how long it takes until there is one again.
    mutating func take(_ client: IPAddress?, at now: Timestamp) -> Duration? {
        let key = place(of: client, at: now)
        var bucket = bucket(key, at: now)
        guard bucket.left >= 1 else {
            buckets[key] = bucket
            return wait(bucket)
        }
        bucket.left -= 1
        buckets[key] = bucket
        return nil
    }

    /// The same, without taking it.
    func look(_ client: IPAddress?, at now: Timestamp) -> Duration? {
        let known = client.flatMap { buckets[$0] == nil ? nil : $0 }
        let bucket = bucket(known ?? (buckets.count < limit ? client : nil), at: now)
        return bucket.left >= 1 ? nil : wait(bucket)
    }

    var clients: Int { buckets.count }

    /// Where a client's requests are counted: buckets that are full again say nothing, and make room.
    private mutating func place(of client: IPAddress?, at now: Timestamp) -> IPAddress? {
        guard let client, buckets[client] == nil, buckets.count >= limit else { return client }
        buckets = buckets.filter { bucket($0.key, at: now).left < Double(rate.burst) }
        return buckets.count < limit ? client : nil
    }

    private func bucket(_ key: IPAddress?, at now: Timestamp) -> Bucket {
        guard let bucket = buckets[key] else { return Bucket(left: Double(rate.burst), at: now) }
        // A clock that was set back fills nothing and takes nothing.
        let minutes = max(0, (now - bucket.at).inSeconds / 60)
        return Bucket(left: min(Double(rate.burst), bucket.left + minutes * Double(rate.perMinute)), at: now)
    }

    private func wait(_ bucket: Bucket) -> Duration {
        .seconds(((1 - bucket.left) * 60 / Double(rate.perMinute)).rounded(.up))
    }
}
