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
    /// How many one connection asks for together.
    private(set) var slice = Limits.firstSlice

    init(left: Int, at now: Timestamp) {
        self.left = left
        started = now
    }

    /// How long the rest takes, if nothing comes in between and the rate stays.
    public var remaining: Duration? {
        guard let rate, rate > 0 else { return nil }
        return .seconds((Double(left) / rate).rounded(.up))
    }

    /// How many are asked for together of `waiting` messages.
    ///
    /// - Parameter hands: connections that share them.
    func slice(of waiting: Int, among hands: Int) -> Int {
        guard hands > 1 else { return slice }
        return min(slice, max(Limits.firstSlice, waiting / (hands * Limits.slicesForEach)))
    }

    mutating func fetched(_ count: Int) {
        done += count
        left -= min(count, left)
    }

    /// - Parameters:
    ///   - duration: how long it took to get them.
    ///   - hands: connections that were fetching meanwhile.
    mutating func fetched(_ count: Int, octets: Int64, in duration: Duration, among hands: Int = 1) {
        fetched(count)
        self.octets += octets
        let seconds = max(duration.inSeconds, 0.001)
        let own = Double(count) / seconds
        let present = own * Double(hands)
        // What is a minute old counts a third of what is new.
        rate = rate.map { $0 + (present - $0) * (1 - exp(-seconds / 60)) } ?? present
        let wished = Int(min(own * Limits.sliceDuration.inSeconds, Double(Limits.largestSlice)))
        slice = max(Limits.firstSlice, min(wished, slice * Limits.sliceGrowth))
    }
}
