import Authorization
import Diagnostics
import TestSupport
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
            Case(lifetime: 3600, jitter: 1, due: 1800),
            Case(lifetime: 5400, due: 4800),
            Case(lifetime: 86400, due: 85800),
            Case(lifetime: 1200, due: 600),
            Case(lifetime: 1199, due: 599),
            Case(lifetime: 60, due: 30),
            Case(lifetime: 60, jitter: 1, due: 15),
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
        "5,000 tokens that were fetched at once are refreshed over days without a peak above 3 times the mean",
        arguments: [(3600, nil), (5400, nil), (900, nil), (86400, 43200)] as [(Int64, Int64?)])
    func spread(_ lifetime: Int64, _ refreshIn: Int64?) {
        var generator = SeededGenerator(seed: 42)
        let start = Timestamp(seconds: 1_800_000_000)
        let days: Int64 = 2
        // Of ten minutes each.
        var slots = [Int](repeating: 0, count: Int(days) * 144)
        for _ in 0..<5000 {
            var now = start
            while true {
                now = RefreshSchedule.due(
                    obtained: now, lifetime: .seconds(lifetime), refreshIn: refreshIn.map { .seconds($0) },
                    jitter: .random(in: 0...1, using: &generator))
                let slot = Int((now - start).components.seconds / 600)
                guard slot < slots.count else { break }
                slots[slot] += 1
            }
        }
        let mean = Double(slots.reduce(0, +)) / Double(slots.count)
        #expect(Double(slots.max() ?? 0) <= 3 * mean, "\(slots.max() ?? 0) at most, \(mean) on average")
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
