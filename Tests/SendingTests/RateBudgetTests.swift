import Diagnostics
import MailModel
import Testing

@testable import Sending

@Suite("RateBudget")
struct RateBudgetTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    @Test("the 31st message within a minute waits until the first is a minute old")
    func messages() {
        var budget = RateBudget(SendSettings.Rate(messagesPerMinute: 30))
        for number in 0..<30 {
            #expect(budget.take(recipients: 1, at: start + .seconds(number)) == nil)
        }
        #expect(budget.take(recipients: 1, at: start + .seconds(30)) == start + .seconds(60))
        #expect(budget.take(recipients: 1, at: start + .seconds(60)) == nil)
    }

    @Test("recipients are counted over a day, and one message alone is never too many")
    func recipients() {
        var budget = RateBudget(SendSettings.Rate(recipientsPerDay: 100))
        #expect(budget.take(recipients: 500, at: start) == nil)
        #expect(budget.take(recipients: 1, at: start + .seconds(3600)) == start + .seconds(86400))
        #expect(budget.take(recipients: 100, at: start + .seconds(86400)) == nil)
    }

    @Test("without a limit everything leaves")
    func unlimited() {
        var budget = RateBudget(SendSettings.Rate())
        let waits = (0..<1000).compactMap { _ in budget.take(recipients: 100, at: start) }
        #expect(waits.isEmpty)
    }
}
