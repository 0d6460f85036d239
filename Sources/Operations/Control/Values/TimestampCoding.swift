import Diagnostics

/// Moments travel as RFC 3339 in UTC to the second, the form that `Timestamp.description` writes.
extension Timestamp: Codable {
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let moment = Timestamp(utcSecond: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a moment: \(text)")
        }
        self = moment
    }

    /// Reads back what `description` wrote: `2026-11-21T09:30:00Z`.
    public init?(utcSecond text: String) {
        let bytes = Array(text.utf8)
        let pattern = Array("0000-00-00T00:00:00Z".utf8)
        let digit = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard bytes.count == pattern.count,
            zip(bytes, pattern).allSatisfy({ $1 == digit.lowerBound ? digit.contains($0) : $0 == $1 })
        else { return nil }
        func number(_ range: Range<Int>) -> Int64 {
            bytes[range].reduce(0) { $0 * 10 + Int64($1 - digit.lowerBound) }
        }
        let days = Timestamp.days(year: number(0..<4), month: number(5..<7), day: number(8..<10))
        self.init(seconds: days * 86400 + number(11..<13) * 3600 + number(14..<16) * 60 + number(17..<19))
        // A date that does not exist reads back as another one.
        guard description == text else { return nil }
    }
}
