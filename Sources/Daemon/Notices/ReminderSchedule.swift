import Diagnostics
import Store

/// On which days before an end somebody is reminded of it. A value: the clock is the caller's.
enum ReminderSchedule {
    static let days = [60, 30, 14, 7, 3, 1]

    /// The reminder that is to be given now: of those whose day has come the last, unless it was given. Those that a
    /// stopped daemon missed are not made up for.
    ///
    /// - Parameter told: what was told of the same subject last.
    /// - Returns: days before the end; `nil`: nothing is to be told now.
    static func due(_ ends: Timestamp, told: Notice?, at now: Timestamp) -> Int? {
        guard now < ends, let step = days.last(where: { now >= begin($0, before: ends) }) else { return nil }
        if let told, let last = told.daysBefore, isSame(told.ends, ends), last <= step { return nil }
        return step
    }

    /// When the next one is due.
    static func next(_ ends: Timestamp, at now: Timestamp) -> Timestamp? {
        days.map { begin($0, before: ends) }.first { $0 > now }
    }

    private static func begin(_ days: Int, before ends: Timestamp) -> Timestamp {
        ends - .seconds(Int64(days) * 86_400)
    }

    /// Each refresh tells anew for how many seconds the consent lasts.
    private static func isSame(_ told: Timestamp?, _ ends: Timestamp) -> Bool {
        guard let told else { return false }
        return abs((told - ends).inMilliseconds) < Limits.sameEnd.inMilliseconds
    }
}
