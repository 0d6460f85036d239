import Diagnostics

extension Wanted where Result == Timestamp {
    /// A moment (RFC 3339) or a date, which is its midnight in UTC.
    static var instant: Wanted {
        Wanted(words: "a date such as 2026-01-31 or a moment such as 2026-01-31T09:30:00Z") {
            Timestamp(rfc3339: $0.text)
        }
    }
}

extension Timestamp {
    /// RFC 3339 §5.6, or only its full-date. Fractions of a second are cut to milliseconds; a leap second is the next minute.
    init?(rfc3339 text: String) {
        var rest = Array(text.utf8)[...]
        guard let days = Timestamp.days(from: &rest) else { return nil }
        let midnight = Timestamp(seconds: days * 86400)
        guard !rest.isEmpty else {
            self = midnight
            return
        }
        guard
            rest.popFirst().map({ [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains($0) }) == true,
            let milliseconds = Timestamp.timeOfDay(from: &rest), let offset = Timestamp.offset(from: &rest),
            rest.isEmpty
        else { return nil }
        self.init(milliseconds: midnight.milliseconds + milliseconds - offset * 60_000)
    }

    private static func days(from rest: inout ArraySlice<UInt8>) -> Int64? {
        guard let year = number(from: &rest, digits: 4), year > 0, skip("-", &rest),
            let month = number(from: &rest, digits: 2), (1...12).contains(month), skip("-", &rest),
            let day = number(from: &rest, digits: 2), (1...length(of: month, in: year)).contains(day)
        else { return nil }
        return days(year: year, month: month, day: day)
    }

    private static func timeOfDay(from rest: inout ArraySlice<UInt8>) -> Int64? {
        guard let hour = number(from: &rest, digits: 2), hour < 24, skip(":", &rest),
            let minute = number(from: &rest, digits: 2), minute < 60, skip(":", &rest),
            let second = number(from: &rest, digits: 2), second <= 60
        else { return nil }
        let whole = ((hour * 60 + minute) * 60 + second) * 1000
        guard skip(".", &rest) else { return whole }
        let fraction = rest.prefix { isDigit($0) }
        guard !fraction.isEmpty else { return nil }
        rest = rest.dropFirst(fraction.count)
        let padded =
            Array(fraction.prefix(3)) + Array(repeating: UInt8(ascii: "0"), count: max(0, 3 - fraction.count))
        return whole + padded.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// Minutes east of UTC.
    private static func offset(from rest: inout ArraySlice<UInt8>) -> Int64? {
        if skip("Z", &rest) || skip("z", &rest) { return 0 }
        guard let sign: Int64 = skip("+", &rest) ? 1 : skip("-", &rest) ? -1 : nil,
            let hour = number(from: &rest, digits: 2), hour < 24, skip(":", &rest),
            let minute = number(from: &rest, digits: 2), minute < 60
        else { return nil }
        return sign * (hour * 60 + minute)
    }

    private static func length(of month: Int64, in year: Int64) -> Int64 {
        let next = month == 12 ? days(year: year + 1, month: 1, day: 1) : days(year: year, month: month + 1, day: 1)
        return next - days(year: year, month: month, day: 1)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func number(from rest: inout ArraySlice<UInt8>, digits: Int) -> Int64? {
        let taken = rest.prefix(digits)
        guard taken.count == digits, taken.allSatisfy(isDigit) else { return nil }
        rest = rest.dropFirst(digits)
        return taken.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    private static func skip(_ mark: Unicode.Scalar, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == UInt8(ascii: mark) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
