import Diagnostics
import MailModel
import Testing

@testable import Console

@Suite("The budgets of a visit") struct VisitBudgetsTests {
    private static let start = Timestamp(seconds: 1_800_000_000)
    private let anna = IPAddress("192.0.2.1")

    @Test("let a client in while another one asks without end")
    func flood() {
        var budgets = VisitBudgets()
        let flooding = IPAddress("192.0.2.66")
        let admitted = (0..<2 * Limits.everybody.burst).count { _ in budgets.admit(flooding, at: Self.start) == nil }
        #expect(admitted == Limits.pages.burst)
        #expect(budgets.admit(anna, at: Self.start) == nil)
    }

    @Test("are bounded for everybody together, and fill again with time")
    func everybody() {
        var budgets = VisitBudgets()
        for number in 0..<Limits.everybody.burst {
            #expect(budgets.admit(IPAddress("192.0.\(number / 200).\(number % 200)"), at: Self.start) == nil)
        }
        #expect(budgets.admit(anna, at: Self.start) != nil)
        #expect(budgets.admit(anna, at: Self.start + .seconds(1)) == nil)
    }
}
