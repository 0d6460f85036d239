import Diagnostics

/// Dates as IMAP writes them (RFC 3501 §9: `date`, `date-time`).
enum IMAPDate {
    static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// ` 7-Jul-1996 02:44:25 -0700`. `nil` for what is no such thing.
    static func dateTime(_ bytes: [UInt8]) -> Timestamp? {
        let parts = bytes.split(separator: UInt8(ascii: " "))
        guard parts.count == 3 else { return nil }
        let date = parts[0].split(separator: UInt8(ascii: "-"))
        let time = parts[1].split(separator: UInt8(ascii: ":")).map { number($0, digits: 1...2) }
        guard date.count == 3, time.count == 3, let zone = offset(parts[2]),
            let day = number(date[0], digits: 1...2), let year = number(date[2], digits: 4...4),
            let month = months.firstIndex(where: { $0.lowercased() == date[1].text.lowercased() }),
            (1...31).contains(day), let hour = time[0], hour < 24, let minute = time[1], minute < 60,
            let second = time[2], second <= 60
        else { return nil }
        let days = Timestamp.days(year: year, month: Int64(month + 1), day: day)
        return Timestamp(seconds: days * 86_400 + hour * 3_600 + minute * 60 + second - zone)
    }

    /// `1-Feb-2026`, the UTC day of `moment`.
    static func date(_ moment: Timestamp) -> String {
        // RFC 3339 in UTC: 2026-02-01T…
        let parts = moment.description.prefix { $0 != "T" }.split(separator: "-")
        guard parts.count == 3, let day = Int(parts[2]), let month = Int(parts[1]), (1...12).contains(month) else {
            return "1-Jan-1970"
        }
        return "\(day)-\(months[month - 1])-\(parts[0])"
    }

    private static func offset(_ zone: ArraySlice<UInt8>) -> Int64? {
        guard zone.count == 5, let sign = zone.first, sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"),
            let digits = number(zone.dropFirst(), digits: 4...4), digits < 2_400, digits % 100 < 60
        else { return nil }
        let seconds = digits / 100 * 3_600 + digits % 100 * 60
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    private static func number(_ bytes: ArraySlice<UInt8>, digits: ClosedRange<Int>) -> Int64? {
        guard digits.contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return bytes.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }
}
