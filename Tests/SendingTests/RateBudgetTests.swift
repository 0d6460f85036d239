import Diagnostics
import MailModel
import Store
import Testing

@testable import Sending

@Suite("RateBudget")
struct RateBudgetTests {
    private let start = Timestamp(seconds: 1_800_000_000)

    private func id(_ number: Int) -> QueueID {
        var generator = SystemRandomNumberGenerator()
        return QueueID(at: start + .seconds(number), using: &generator)
    }

    @Test("the 31st message within a minute waits until the first is a minute old")
    func messages() {
        var budget = RateBudget(SendSettings.Rate(messagesPerMinute: 30))
        for number in 0..<30 {
            #expect(budget.take(id(number), recipients: 1, at: start + .seconds(number)) == nil)
        }
        #expect(budget.take(id(30), recipients: 1, at: start + .seconds(30)) == start + .seconds(60))
        #expect(budget.take(id(30), recipients: 1, at: start + .seconds(60)) == nil)
    }

    @Test("recipients are counted over a day, and one message alone is never too many")
    func recipients() {
        var budget = RateBudget(SendSettings.Rate(recipientsPerDay: 100))
        #expect(budget.take(id(0), recipients: 500, at: start) == nil)
        #expect(budget.take(id(1), recipients: 1, at: start + .seconds(3600)) == start + .seconds(86400))
        #expect(budget.take(id(1), recipients: 100, at: start + .seconds(86400)) == nil)
    }

    @Test("a message waits until enough recipients are a day old, not just the first")
    func enough() {
        var budget = RateBudget(SendSettings.Rate(recipientsPerDay: 100))
        for hour in 0..<4 {
            #expect(budget.take(id(hour), recipients: 25, at: start + .seconds(hour * 3600)) == nil)
        }
        let now = start + .seconds(20000)
        #expect(budget.take(id(9), recipients: 60, at: now) == start + .seconds(2 * 3600 + 86400))
        #expect(budget.take(id(9), recipients: 1000, at: now) == start + .seconds(3 * 3600 + 86400))
    }

    @Test("both limits hold")
    func both() {
        var budget = RateBudget(SendSettings.Rate(messagesPerMinute: 1, recipientsPerDay: 3))
        #expect(budget.take(id(0), recipients: 2, at: start) == nil)
        #expect(budget.take(id(1), recipients: 1, at: start) == start + .seconds(60))
        #expect(budget.take(id(1), recipients: 1, at: start + .seconds(60)) == nil)
        #expect(budget.take(id(2), recipients: 1, at: start + .seconds(120)) == start + .seconds(86400))
    }

    @Test("what the server did not take does not count against the day, but was a message of the minute")
    func settled() {
        var budget = RateBudget(SendSettings.Rate(messagesPerMinute: 2, recipientsPerDay: 100))
        #expect(budget.take(id(0), recipients: 90, at: start) == nil)
        let first = id(1)
        #expect(budget.take(first, recipients: 10, at: start) == nil)
        budget.settle(first, recipients: 4)
        #expect(budget.take(id(2), recipients: 1, at: start) == start + .seconds(60))
        #expect(budget.take(id(2), recipients: 6, at: start + .seconds(60)) == nil)
        #expect(budget.take(id(3), recipients: 1, at: start + .seconds(60)) == start + .seconds(86400))
    }

    @Test("what was given back was never taken")
    func givenBack() {
        var budget = RateBudget(SendSettings.Rate(messagesPerMinute: 1, recipientsPerDay: 5))
        let first = id(0)
        #expect(budget.take(first, recipients: 5, at: start) == nil)
        budget.giveBack(first)
        #expect(budget.take(id(1), recipients: 5, at: start) == nil)
    }

    @Test("what was spent before counts on")
    func spentBefore() {
        let spent = [
            Spending(at: start - .seconds(3600), messages: 60, recipients: 70),
            Spending(at: start - .seconds(30), messages: 2, recipients: 20),
        ]
        var budget = RateBudget(SendSettings.Rate(messagesPerMinute: 3, recipientsPerDay: 100), spent: spent)
        #expect(budget.take(id(0), recipients: 11, at: start) == start + .seconds(86400 - 3600))
        #expect(budget.take(id(0), recipients: 10, at: start) == nil)
        #expect(budget.take(id(1), recipients: 1, at: start) == start + .seconds(86400 - 3600))
        var byMinute = RateBudget(SendSettings.Rate(messagesPerMinute: 3), spent: spent)
        #expect(byMinute.take(id(0), recipients: 1, at: start) == nil)
        #expect(byMinute.take(id(1), recipients: 1, at: start) == start + .seconds(30))
    }

    @Test("without a limit everything leaves")
    func unlimited() {
        var budget = RateBudget(
            SendSettings.Rate(), spent: [Spending(at: start, messages: 10_000, recipients: 10_000)])
        let waits = (0..<1000).compactMap { budget.take(id($0), recipients: 100, at: start) }
        #expect(waits.isEmpty)
    }
}
