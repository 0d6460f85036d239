import Diagnostics
import MailModel
import Testing

@testable import Daemon

@Suite("An account's audit") struct AuditScheduleTests {
    private static let berlin = AuditSchedule(zone: .seconds(3600))
    private static let summer = AuditSchedule(zone: .seconds(7200))
    private static let account = AccountName("anna")!
    private static let midnight = Timestamp(seconds: Timestamp.days(year: 2026, month: 11, day: 26) * 86_400)

    private func hour(_ moment: Timestamp, _ schedule: AuditSchedule) -> Double {
        let day = Double((moment + schedule.zone).seconds % 86_400)
        return day / 3600
    }

    @Test("is due once a night, always at the same time of it")
    func everyNight() {
        var last = Self.midnight - .seconds(3600 * 7)
        for _ in 0..<10 {
            let due = Self.berlin.due(Self.account, after: last)
            #expect(hour(due, Self.berlin) >= 1 && hour(due, Self.berlin) < 5)
            // A little late, as things are.
            let next = Self.berlin.due(Self.account, after: due + .seconds(90))
            #expect(next - due == .seconds(86_400))
            last = due
        }
        #expect(Self.berlin.due(Self.account, after: last) - last == .seconds(86_400))
    }

    @Test("that was missed is due at once, and the night after as ever")
    func missed() {
        let due = Self.berlin.due(Self.account, after: Self.midnight - .seconds(86_400 * 3))
        let now = Self.midnight + .seconds(3600 * 12)
        #expect(due < now)
        let next = Self.berlin.due(Self.account, after: now)
        #expect(next > now && next - now < .seconds(86_400))
    }

    @Test(
        "is not repeated in a night in which the clocks go back", arguments: ["anna", "bob", "carla", "dora", "emil"])
    func clocksGoBack(name: String) throws {
        let account = try #require(AccountName(name))
        let last = Self.summer.due(account, after: Self.midnight)
        let next = Self.berlin.due(account, after: last)
        #expect(next - last == .seconds(86_400 + 3600))
        let spring = Self.summer.due(account, after: Self.berlin.due(account, after: Self.midnight))
        #expect(spring - Self.berlin.due(account, after: Self.midnight) == .seconds(86_400 - 3600))
    }

    @Test("is spread over the night")
    func spread() throws {
        let hours = try (0..<1000).map { number in
            hour(Self.berlin.due(try #require(AccountName("account-\(number)")), after: Self.midnight), Self.berlin)
        }
        for quarter in 0..<16 {
            let count = hours.count { $0 >= 1 + Double(quarter) / 4 && $0 < 1 + Double(quarter + 1) / 4 }
            #expect(count > 30 && count < 100)
        }
    }

    @Test("lies in the night west of Greenwich, too")
    func west() {
        let schedule = AuditSchedule(zone: .seconds(-8 * 3600))
        let due = schedule.due(Self.account, after: Self.midnight)
        #expect(hour(due, schedule) >= 1 && hour(due, schedule) < 5)
        #expect(due > Self.midnight && due - Self.midnight < .seconds(86_400 + 7200))
    }
}
