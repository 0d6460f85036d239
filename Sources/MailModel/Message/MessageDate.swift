import Diagnostics

/// Reads the date of a message (RFC 5322 §3.3), tolerantly: obsolete zones and two-digit years (§4.3), missing
/// seconds, day name or zone, comments anywhere, dashes between the parts, and the order of `asctime(3)`.
public struct MessageDate {
    private let bytes: [UInt8]
    private var position = 0
    /// Day and year, and how many of them there are.
    private var numbers: (day: Int64, year: Int64) = (0, 0)
    private var numberCount = 0
    private var month: Int64?
    private var time: Int64?
    private var zone: Int64?

    /// The moment that `field`, the value of a Date field, names; `nil` when it names none.
    public static func parse(_ field: some Collection<UInt8>) -> Timestamp? {
        // Longer ones are not dates; this also bounds the work.
        guard field.count <= 1024 else { return nil }
        var date = MessageDate(bytes: Array(field))
        return date.read()
    }

    /// `moment` as a Date field holds it, in UTC: `Fri, 21 Nov 2025 09:30:00 +0000`.
    public static func format(_ moment: Timestamp) -> String {
        // RFC 3339 has all the parts but the day of the week; 1970-01-01 was a Thursday.
        let parts = moment.description.split { "-T:Z".contains($0) }
        let dayNumber = Timestamp.days(
            year: Int64(parts[0]) ?? 0, month: Int64(parts[1]) ?? 0, day: Int64(parts[2]) ?? 0)
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int((dayNumber % 7 + 7) % 7)]
        let month = monthNames[(Int(parts[1]) ?? 1) - 1]
        let monthName = month.prefix(1).uppercased() + month.dropFirst()
        return "\(weekday), \(Int(parts[2]) ?? 0) \(monthName) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) +0000"
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func read() -> Timestamp? {
        while let byte = current {
            switch byte {
            case UInt8(ascii: "("):
                skipComment()
            case _ where byte.isASCIIDigit:
                guard readNumberOrTime() else { return nil }
            case _ where byte.isASCIILetter:
                guard readWord() else { return nil }
            case UInt8(ascii: "+"), UInt8(ascii: "-"):
                readOffset()
            default:
                position += 1
            }
        }
        return moment
    }

    private var moment: Timestamp? {
        guard let month, let time, numberCount == 2 else { return nil }
        let year = MessageDate.fullYear(numbers.year)
        guard (1...31).contains(numbers.day), (1...9999).contains(year) else { return nil }
        let days = Timestamp.days(year: year, month: month, day: numbers.day)
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
        guard current == UInt8(ascii: ":"), time == nil else { return note(first) }
        position += 1
        skipBlanks()
        guard let minute = readDigits() else { return false }
        skipBlanks()
        var second: Int64 = 0
        if current == UInt8(ascii: ":") {
            position += 1
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

    private mutating func note(_ number: Int64) -> Bool {
        numberCount += 1
        switch numberCount {
        case 1: numbers.day = number
        case 2: numbers.year = number
        default: return false
        }
        return true
    }

    private mutating func skipFraction() {
        guard current == UInt8(ascii: "."), position + 1 < bytes.count, bytes[position + 1].isASCIIDigit else {
            return
        }
        position += 1
        while current?.isASCIIDigit == true { position += 1 }
    }

    private mutating func readDigits() -> Int64? {
        let start = position
        var number: Int64 = 0
        while let digit = current, digit.isASCIIDigit {
            // A number too long for a date is none, and must not overflow.
            guard position - start < 6 else { return nil }
            number = number * 10 + Int64(digit - 0x30)
            position += 1
        }
        return position == start ? nil : number
    }

    private mutating func readWord() -> Bool {
        let start = position
        while current?.isASCIILetter == true { position += 1 }
        let word = bytes[start..<position]
        if time != nil {
            // Unknown zones count as UTC (RFC 5322 §4.3). A number that follows, as in GMT+0200, is the better word.
            if zone == nil { zone = MessageDate.zones[String(decoding: word.map(\.inASCIILowerCase), as: UTF8.self)] }
            return true
        }
        let letters = MessageDate.letters(word)
        if month == nil, let index = MessageDate.months.firstIndex(of: letters) {
            month = Int64(index + 1)
            return true
        }
        return MessageDate.days.contains(letters)
    }

    /// The first three letters of a word in lower case, as one number; of a shorter word, one that no name has.
    private static func letters(_ word: some Collection<UInt8>) -> UInt32 {
        word.prefix(3).reduce(0) { $0 << 8 | UInt32($1.inASCIILowerCase) }
    }

    /// `+0200`, `-05:00`; before the time a dash only separates, as in `1-Jul-2003`.
    private mutating func readOffset() {
        let isWest = current == UInt8(ascii: "-")
        position += 1
        guard time != nil, let hours = twoDigits() else { return }
        position += 2
        if current == UInt8(ascii: ":") { position += 1 }
        let minutes = twoDigits()
        if minutes != nil { position += 2 }
        let offset = hours * 3600 + (minutes ?? 0) * 60
        zone = isWest ? -offset : offset
    }

    private func twoDigits() -> Int64? {
        guard position + 1 < bytes.count, bytes[position].isASCIIDigit, bytes[position + 1].isASCIIDigit else {
            return nil
        }
        return Int64(bytes[position] - 0x30) * 10 + Int64(bytes[position + 1] - 0x30)
    }

    private mutating func skipBlanks() {
        func skip() { while current?.isBlankOrLineEnd == true { position += 1 } }
        skip()
        while current == UInt8(ascii: "(") {
            skipComment()
            skip()
        }
    }

    private mutating func skipComment() { position = Comment.skip(bytes[position...]).rest.startIndex }

    private static let monthNames = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let months = monthNames.map { letters($0.utf8) }
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map { letters($0.utf8) }
    /// RFC 5322 §4.3; all others, the military letters among them, count as UTC.
    private static let zones: [String: Int64] = [
        "ut": 0, "utc": 0, "gmt": 0, "z": 0,
        "est": -5 * 3600, "edt": -4 * 3600, "cst": -6 * 3600, "cdt": -5 * 3600,
        "mst": -7 * 3600, "mdt": -6 * 3600, "pst": -8 * 3600, "pdt": -7 * 3600,
    ]
}
