import Authorization
import Diagnostics
import Testing

@Suite("Whether a mail server's refusals are a verdict")
struct SignInVerdictTests {
    let start = Timestamp(seconds: 1_800_000_000)

    @Test("a refusal of an older token asks for a fresh one and does not count")
    func stale() {
        var verdict = SignInVerdict()
        for _ in 0..<10 { #expect(verdict.refused(at: start + .seconds(7200), freshToken: false) == .refresh) }
    }

    @Test("three refusals over 30 minutes are a verdict, and the waits lead there")
    func threeOverThirtyMinutes() {
        var verdict = SignInVerdict()
        var now = start
        var decisions: [SignInVerdict.Decision] = []
        for _ in 0..<3 {
            let decision = verdict.refused(at: now, freshToken: true)
            decisions.append(decision)
            if case .again(let wait) = decision { now = now + wait }
        }
        #expect(decisions == [.again(after: .seconds(300)), .again(after: .seconds(1500)), .verdict])
        #expect(now == start + .seconds(1800))
    }

    @Test("many refusals within minutes are not a verdict")
    func hasty() {
        var verdict = SignInVerdict()
        for second in 0..<100 {
            #expect(verdict.refused(at: start + .seconds(second), freshToken: true) != .verdict)
        }
        #expect(verdict.refused(at: start + .seconds(1800), freshToken: true) == .verdict)
    }

    @Test("two refusals are not a verdict, however far apart")
    func two() {
        var verdict = SignInVerdict()
        _ = verdict.refused(at: start, freshToken: true)
        #expect(verdict.refused(at: start + .seconds(86400), freshToken: true) == .again(after: .seconds(60)))
    }

    @Test("a sign-in that works wipes the slate")
    func accepted() {
        var verdict = SignInVerdict()
        _ = verdict.refused(at: start, freshToken: true)
        _ = verdict.refused(at: start + .seconds(1000), freshToken: true)
        verdict.accepted()
        #expect(verdict == SignInVerdict())
    }

    @Test("a clock that is set back starts the 30 minutes again")
    func clockSetBack() {
        var verdict = SignInVerdict()
        _ = verdict.refused(at: start, freshToken: true)
        _ = verdict.refused(at: start + .seconds(1000), freshToken: true)
        let before = start - .seconds(86400)
        #expect(verdict.refused(at: before, freshToken: true) != .verdict)
        #expect(verdict.refused(at: before + .seconds(1800), freshToken: true) == .verdict)
    }
}
