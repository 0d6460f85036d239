import Testing

@testable import Sending

@Suite("RetrySchedule")
struct RetryScheduleTests {
    @Test(
        "waits longer after each attempt, and never hours at first",
        arguments: [(1, 60), (2, 300), (3, 900), (4, 1800), (5, 3600), (6, 7200), (7, 14400), (50, 14400)])
    func grows(attempts: Int, seconds: Int) {
        var generator = SystemRandomNumberGenerator()
        let wait = RetrySchedule.wait(after: attempts, using: &generator)
        #expect(wait >= .seconds(seconds) * 0.85 && wait <= .seconds(seconds) * 1.15)
    }

    @Test("what the server asks for is honoured")
    func hint() {
        var generator = SystemRandomNumberGenerator()
        #expect(RetrySchedule.wait(after: 1, hint: .seconds(86400), using: &generator) == .seconds(86400))
    }
}
