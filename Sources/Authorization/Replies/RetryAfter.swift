import Diagnostics

/// The wait a server asks for (RFC 9110 §10.2.3): seconds, or a moment in one of the three forms of §5.6.7.
enum RetryAfter {
    /// From `now` on, at most `Limits.longestRetryAfter`; `nil` when `field` says nothing that can be read.
    static func parse(_ field: String, now: Timestamp) -> Duration? {
        let text = field.drop { $0 == " " || $0 == "\t" }
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == 32 }) {
            // More digits than fit are a long wait, too.
            let seconds = Int64(text.filter { $0 != " " }) ?? .max
            return .seconds(min(seconds, Limits.longestRetryAfter.components.seconds))
        }
        guard let moment = date(String(text)) else { return nil }
        return min(max(moment - now, .zero), Limits.longestRetryAfter)
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    static func date(_ text: String) -> Timestamp? {
        let words = text.split { $0 == " " || $0 == "-" || $0 == "," }.map(String.init)
        let day: Int64?
        let month: String
        let year: Int64?
        let time: String
        switch words.count {
        case 6 where words[5] == "GMT":
            (day, month, year, time) = (Int64(words[1]), words[2], Int64(words[3]).map(fullYear), words[4])
        case 5:
            (day, month, year, time) = (Int64(words[2]), words[1], Int64(words[4]), words[3])
        default: return nil
        }
        guard let day, (1...31).contains(day), let year, (1970...9999).contains(year),
            let monthIndex = months.firstIndex(of: month), let second = secondOfDay(time)
        else { return nil }
        let days = Timestamp.days(year: year, month: Int64(monthIndex) + 1, day: day)
        return Timestamp(seconds: days * 86400 + second)
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Two digits mean the year nearest to today's century (RFC 9110 §5.6.7).
    private static func fullYear(_ year: Int64) -> Int64 {
        guard year < 100 else { return year }
        return year < 70 ? 2000 + year : 1900 + year
    }

    private static func secondOfDay(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).compactMap { Int64($0) }
        guard parts.count == 3, (0..<24).contains(parts[0]), (0..<60).contains(parts[1]), (0...60).contains(parts[2])
        else { return nil }
        return parts[0] * 3600 + parts[1] * 60 + parts[2]
    }
}
