import Diagnostics
import Glibc
import MailModel

/// How far the messages of a folder that wait behind new mail are fetched.
public struct BackfillProgress: Hashable, Sendable {
    /// Since when, by this process.
    public let started: Timestamp
    /// Messages asked for since then.
    public private(set) var done = 0
    public private(set) var octets: Int64 = 0
    /// Messages that wait.
    public var left: Int
    /// Messages a second of late, while they were being fetched; `nil`: none was yet.
    public private(set) var rate: Double?
    /// Of the connection that fetches first, from one time to the next.
    private(set) var slice = SliceSize()

    init(left: Int, at now: Timestamp) {
        self.left = left
        started = now
    }

    /// How long the rest takes, if nothing comes in between and the rate stays.
    public var remaining: Duration? {
        guard let rate, rate > 0 else { return nil }
        return .seconds((Double(left) / rate).rounded(.up))
    }

    /// What was taken for fetched waits again.
    mutating func gaveUp(_ count: Int) {
        done -= min(count, done)
        left += count
    }

    /// - Parameters:
    ///   - duration: how long it took to get them.
    ///   - hands: connections that were fetching meanwhile.
    ///   - isSecond: it was the second one that got them.
    mutating func fetched(
        _ count: Int, octets: Int64, in duration: Duration, among hands: Int = 1, bySecond isSecond: Bool = false
    ) {
        done += count
        left -= min(count, left)
        self.octets += octets
        let seconds = max(duration.inSeconds, 0.001)
        let present = Double(count * hands) / seconds
        // What is a minute old counts a third of what is new.
        rate = rate.map { $0 + (present - $0) * (1 - exp(-seconds / 60)) } ?? present
        if !isSecond { slice.took(duration, for: count) }
    }
}
