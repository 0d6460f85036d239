import Diagnostics
import MailModel
import Testing

@testable import Console

@Suite("A budget of requests") struct RequestBudgetTests {
    private static let start = Timestamp(seconds: 1_800_000_000)
    private let anna = IPAddress("192.0.2.1")
    private let bert = IPAddress("192.0.2.2")

    @Test("lets a burst through, then says how long to wait, and fills again with time")
    func burst() {
        var budget = RequestBudget(Rate(burst: 3, perMinute: 6))
        for _ in 0..<3 { #expect(budget.take(anna, at: Self.start) == nil) }
        #expect(budget.take(anna, at: Self.start) == .seconds(10))
        #expect(budget.take(anna, at: Self.start + .seconds(4)) == .seconds(6))
        #expect(budget.take(anna, at: Self.start + .seconds(10)) == nil)
        #expect(budget.take(anna, at: Self.start + .seconds(10)) == .seconds(10))
        for _ in 0..<3 { #expect(budget.take(anna, at: Self.start + .seconds(3600)) == nil) }
        #expect(budget.take(anna, at: Self.start + .seconds(3600)) != nil)
    }

    @Test("is one for each client, and looking costs nothing")
    func clients() {
        var budget = RequestBudget(Rate(burst: 1, perMinute: 1))
        for _ in 0..<3 { #expect(budget.look(anna, at: Self.start) == nil) }
        #expect(budget.take(anna, at: Self.start) == nil)
        #expect(budget.look(anna, at: Self.start) == .seconds(60))
        #expect(budget.take(bert, at: Self.start) == nil)
    }

    @Test("tells a bounded number of clients apart; whoever comes then shares one, until others are forgotten")
    func bounded() {
        var budget = RequestBudget(Rate(burst: 2, perMinute: 1), clients: 10)
        for number in 1...10 { #expect(budget.take(IPAddress("192.0.2.\(number)"), at: Self.start) == nil) }
        #expect(budget.take(IPAddress("198.51.100.1"), at: Self.start) == nil)
        #expect(budget.take(IPAddress("198.51.100.2"), at: Self.start) == nil)
        #expect(budget.take(IPAddress("198.51.100.3"), at: Self.start) != nil)
        #expect(budget.look(IPAddress("198.51.100.3"), at: Self.start) != nil)
        #expect(budget.clients == 11)
        // Full buckets say nothing.
        let later = Self.start + .seconds(60)
        #expect(budget.take(IPAddress("198.51.100.3"), at: later) == nil)
        #expect(budget.clients <= 11)
    }

    @Test("stands still when the clock is set back")
    func setBack() {
        var budget = RequestBudget(Rate(burst: 1, perMinute: 60))
        #expect(budget.take(anna, at: Self.start) == nil)
        #expect(budget.take(anna, at: Self.start - .seconds(3600)) != nil)
        #expect(budget.take(anna, at: Self.start - .seconds(3598)) == nil)
    }
}
