import Diagnostics
import Testing

@Suite struct TimestampTests {
    @Test(
        "A moment is written as RFC 3339 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1_763_717_400_000, "2025-11-21T09:30:00Z"), (-1, "1969-12-31T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"), (-2_203_891_200_000, "1900-03-01T00:00:00Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59Z"), (1999, "1970-01-01T00:00:01Z"),
        ] as [(Int64, String)])
    func description(milliseconds: Int64, expected: String) {
        #expect(Timestamp(milliseconds: milliseconds).description == expected)
    }

    @Test(
        "The day number is the inverse of the calendar", arguments: [1900, 1970, 2000, 2024, 2025, 2100] as [Int64])
    func days(year: Int64) {
        let start = Timestamp.days(year: year, month: 1, day: 1)
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        #expect(Timestamp.days(year: year + 1, month: 1, day: 1) - start == (isLeap ? 366 : 365))
        for day in 0..<365 {
            let text = Timestamp(seconds: (start + Int64(day)) * 86400).description
            let parts = text.split { "-T".contains($0) }.prefix(3).compactMap { Int64($0) }
            #expect(Timestamp.days(year: parts[0], month: parts[1], day: parts[2]) == start + Int64(day))
        }
    }

    @Test("Seconds are rounded down, before 1970 too")
    func seconds() {
        #expect(Timestamp(milliseconds: 1999).seconds == 1)
        #expect(Timestamp(milliseconds: -1).seconds == -1)
        #expect(Timestamp(milliseconds: -1000).seconds == -1)
    }

    @Test("Moments and durations add up")
    func arithmetic() {
        let moment = Timestamp(seconds: 100)
        #expect(moment + .milliseconds(1500) == Timestamp(milliseconds: 101_500))
        #expect(moment - .seconds(200) == Timestamp(seconds: -100))
        #expect((moment + .seconds(5)) - moment == .seconds(5))
        #expect(moment < moment + .milliseconds(1))
        #expect(Duration.milliseconds(1500).inSeconds == 1.5)
        #expect(Duration.seconds(-1).inMilliseconds == -1000)
    }
}
