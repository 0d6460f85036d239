import Diagnostics

/// Reads the date of a message (RFC 5322 §3.3), tolerantly: obsolete zones and two-digit years (§4.3), missing
/// seconds, day name or zone, comments anywhere, dashes between the parts, and the order of `asctime(3)`.
public struct MessageDate {
    private var bytes: ArraySlice<UInt8>
    private var numbers: [Int64] = []
    private var month: Int64?
    private var monthCameFirst = false
    private var time: Int64?
    private var zone: Int64?

    /// The moment that `field`, the value of a Date field, names; `nil` when it names none.
    public static func parse(_ field: some Collection<UInt8>) -> Timestamp? {
        // Longer ones are not dates; this also bounds the work.
        guard field.count <= 1024 else { return nil }
        var date = MessageDate(bytes: Array(field)[...])
        return date.read()
    }

    /// `moment` as a Date field holds it, in UTC: `Fri, 21 Nov 2025 09:30:00 +0000`.
    public static func format(_ moment: Timestamp) -> String {
        // RFC 3339 has all the parts but the day of the week; 1970-01-01 was a Thursday.
        let parts = moment.description.split { "-T:Z".contains($0) }
        let dayNumber = Timestamp.days(
            year: Int64(parts[0]) ?? 0, month: Int64(parts[1]) ?? 0, day: Int64(parts[2]) ?? 0)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int((dayNumber % 7 + 7) % 7)]
        let month = months[(Int(parts[1]) ?? 1) - 1]
        let monthName = month.prefix(1).uppercased() + month.dropFirst()
        return "\(weekday), \(Int(parts[2]) ?? 0) \(monthName) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
    }

    private init(bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    private mutating func read() -> Timestamp? {
        while let byte = bytes.first {
            switch byte {
            case UInt8(ascii: "("):
                bytes = Comment.skip(bytes).rest
            case _ where byte.isASCIIDigit:
                guard readNumberOrTime() else { return nil }
            case _ where byte.isASCIILetter:
                guard readWord() else { return nil }
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                readOffset()
            default:
                bytes.removeFirst()
            }
        }
        return moment
    }

    private var moment: Timestamp? {
        guard let month, let time, numbers.count == 2 else { return nil }
        let day = numbers[0]
        let year = MessageDate.fullYear(numbers[1])
        guard (1...31).contains(day), (1...9999).contains(year) else { return nil }
        let days = Timestamp.days(year: year, month: month, day: day)
        return Timestamp(seconds: days * 86400 + time - (zone ?? 0))
    }

    /// RFC 5322 §4.3: two digits below 50 are of this century, other two and three digits count from 1900.
    private static func fullYear(_ year: Int64) -> Int64 {
        switch year {
        case 0..<50: year + 2000
        case 50..<1000: year + 1900
        default: year
        }
    }

    // MARK: Parts

    private mutating func readNumberOrTime() -> Bool {
        guard let first = readDigits() else { return false }
        skipBlanks()
        guard bytes.first == UInt8(ascii: ":"), time == nil else {
            numbers.append(first)
            return numbers.count <= 2
        }
        bytes.removeFirst()
        skipBlanks()
        guard let minute = readDigits() else { return false }
        skipBlanks()
        var second: Int64 = 0
        if bytes.first == UInt8(ascii: ":") {
            bytes.removeFirst()
            skipBlanks()
            guard let digits = readDigits() else { return false }
            second = digits
            skipFraction()
        }
        // 60 is a leap second.
        guard first < 24, minute < 60, second <= 60 else { return false }
        time = first * 3600 + minute * 60 + second
        return true
    }

    private mutating func skipFraction() {
        guard bytes.first == UInt8(ascii: "."), bytes.dropFirst().first?.isASCIIDigit == true else { return }
        bytes = bytes.dropFirst().drop { $0.isASCIIDigit }
    }

    private mutating func readDigits() -> Int64? {
        let digits = bytes.prefix { $0.isASCIIDigit }
        guard (1...6).contains(digits.count) else { return nil }
        bytes = bytes.dropFirst(digits.count)
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    private mutating func readWord() -> Bool {
        let word = bytes.prefix { $0.isASCIILetter }
        bytes = bytes.dropFirst(word.count)
        let name = String(decoding: word.map(\.inASCIILowerCase), as: UTF8.self)
        if time != nil {
            // Unknown zones count as UTC (RFC 5322 §4.3). A number that follows, as in GMT+0200, is the better word.
            if zone == nil { zone = MessageDate.zones[name] }
            return true
        }
        let start = String(name.prefix(3))
        if month == nil, let index = MessageDate.months.firstIndex(of: start) {
            month = Int64(index + 1)
            return true
        }
        return MessageDate.days.contains(start)
    }

    /// `+0200`, `-05:00`; before the time a dash only separates, as in `1-Jul-2003`.
    private mutating func readOffset() {
        let isWest = bytes.removeFirst() == UInt8(ascii: "-")
        guard time != nil, let hours = MessageDate.digits(bytes, 2) else { return }
        bytes = bytes.dropFirst(2)
        if bytes.first == UInt8(ascii: ":") { bytes.removeFirst() }
        let minutes = MessageDate.digits(bytes, 2)
        if minutes != nil { bytes = bytes.dropFirst(2) }
        let offset = hours * 3600 + (minutes ?? 0) * 60
        zone = isWest ? -offset : offset
    }

    private static func digits(_ bytes: ArraySlice<UInt8>, _ count: Int) -> Int64? {
        let digits = bytes.prefix(count)
        guard digits.count == count, digits.allSatisfy(\.isASCIIDigit) else { return nil }
        return digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    private mutating func skipBlanks() {
        bytes = bytes.drop { $0.isBlankOrLineEnd }
        while bytes.first == UInt8(ascii: "(") { bytes = Comment.skip(bytes).rest.drop { $0.isBlankOrLineEnd } }
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let days: Set = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    /// RFC 5322 §4.3; all others, the military letters among them, count as UTC.
    private static let zones: [String: Int64] = [
        "ut": 0, "utc": 0, "gmt": 0, "z": 0,
        "est": -5 * 3600, "edt": -4 * 3600, "cst": -6 * 3600, "cdt": -5 * 3600,
        "mst": -7 * 3600, "mdt": -6 * 3600, "pst": -8 * 3600, "pdt": -7 * 3600,
    ]
}
