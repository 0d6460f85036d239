import Authorization
import Diagnostics
import Testing

@Suite("When a token is refreshed")
struct RefreshScheduleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var lifetime: Int64
        var refreshIn: Int64?
        var jitter = 0.0
        var due: Int64
        var testDescription: String { "\(lifetime) s, refresh_in \(refreshIn ?? 0), jitter \(jitter): \(due) s" }
    }

    @Test(
        "10 minutes before the end, at half the life of short tokens, earlier where the provider wishes",
        arguments: [
            Case(lifetime: 3600, due: 3000),
            Case(lifetime: 3600, jitter: 1, due: 2640),
            Case(lifetime: 5400, due: 4800),
            Case(lifetime: 86400, due: 85800),
            Case(lifetime: 1200, due: 600),
            Case(lifetime: 1199, due: 599),
            Case(lifetime: 60, due: 30),
            Case(lifetime: 60, jitter: 1, due: 24),
            Case(lifetime: 1, due: 0),
            Case(lifetime: 86400, refreshIn: 43200, due: 43200),
            Case(lifetime: 3600, refreshIn: 3599, due: 3000),
            Case(lifetime: 3600, refreshIn: 100, jitter: 1, due: 50),
        ])
    func due(_ example: Case) {
        let start = Timestamp(seconds: 1_800_000_000)
        let due = RefreshSchedule.due(
            obtained: start, lifetime: .seconds(example.lifetime), refreshIn: example.refreshIn.map { .seconds($0) },
            jitter: example.jitter)
        #expect((due - start).components.seconds == example.due)
    }

    @Test(
        "back-off doubles from 10 s to 15 minutes",
        arguments: [(1, 10), (2, 20), (5, 160), (7, 640), (8, 900), (99, 900)])
    func backoff(_ failures: Int, _ seconds: Int64) {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let wait = RefreshBackoff.wait(afterFailures: failures, using: &generator)
            #expect(wait >= .seconds(seconds) * 3 / 4 && wait <= .seconds(seconds) * 5 / 4)
        }
    }

    @Test("back-off is never shorter than the server asks")
    func retryAfter() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<50 {
            let wait = RefreshBackoff.wait(afterFailures: 1, serverAsks: .seconds(300), using: &generator)
            #expect(wait >= .seconds(300) && wait <= .seconds(330))
        }
    }

    @Test("what is parked is probed after 5, 15 and 60 minutes, then every hour")
    func probes() {
        let start = Timestamp(seconds: 1_800_000_000)
        var probes = ParkedProbes(since: start)
        var now = start
        var minutes: [Int64] = []
        for _ in 0..<6 {
            now = probes.next(after: now)
            minutes.append((now - start).components.seconds / 60)
            probes.probeFailed()
        }
        #expect(minutes == [5, 15, 60, 120, 180, 240])
    }

    @Test("after a stopped machine or a clock set back, probes go on at the same pace")
    func probesAfterAClockJump() {
        let start = Timestamp(seconds: 1_800_000_000)
        let probes = ParkedProbes(since: start, failed: 5)
        let late = start + .seconds(86400)
        #expect(probes.next(after: late) == late + .seconds(3600))
        let early = start - .seconds(86400 * 30)
        #expect(probes.next(after: early) == early + .seconds(3600))
    }
}
