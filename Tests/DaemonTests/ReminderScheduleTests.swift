import Diagnostics
import Store
import Testing

@testable import Daemon

@Suite("A reminder of what ends") struct ReminderScheduleTests {
    private static let ends = Timestamp(seconds: 1_800_000_000)

    private static func before(_ days: Double) -> Timestamp { ends - .seconds(Int64(days * 86_400)) }

    @Test(
        "is due from its day on, and the one behind it takes its place",
        arguments: [
            (61.0, nil), (60, 60), (59, 60), (30.1, 60), (30, 30), (14, 14), (8, 14), (7, 7), (3, 3), (1, 1),
            (0.1, 1),
            (0, nil), (-1, nil),
        ] as [(Double, Int?)])
    func day(daysLeft: Double, due: Int?) {
        #expect(ReminderSchedule.due(Self.ends, told: nil, at: Self.before(daysLeft)) == due)
    }

    @Test("is given once, also when each refresh tells the end a little otherwise")
    func once() {
        let told = Notice("client_secret/contoso", ends: Self.ends, daysBefore: 14)
        for moved in [0, 20, -20] as [Int64] {
            let ends = Self.ends + .seconds(moved)
            #expect(ReminderSchedule.due(ends, told: told, at: Self.before(13)) == nil)
            #expect(ReminderSchedule.due(ends, told: told, at: Self.before(6.9)) == 7)
        }
    }

    @Test("is given anew for a new end")
    func renewed() {
        let told = Notice("client_secret/contoso", ends: Self.before(100), daysBefore: 1)
        #expect(ReminderSchedule.due(Self.ends, told: told, at: Self.before(60)) == 60)
    }
}
