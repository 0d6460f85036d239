import Authorization
import Diagnostics
import MailModel
import Testing

@Suite("How a direction fares")
struct DirectionHealthTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private static func failure(_ retry: Failure.Retry, _ condition: Failure.Condition? = nil) -> Failure {
        Failure(.direction, retry, operation: "sign in", reason: "It went wrong.", condition: condition)
    }

    private static let refused = failure(.whenReauthorized, .signInRefused)

    /// Fails `count` times, each at its next try, and returns when these were, in seconds after the first failure.
    private func tries(_ health: inout DirectionHealth, _ failure: Failure, _ count: Int) -> [Int64] {
        var generator = Middle()
        var now = Self.start
        return (0..<count).map { _ in
            health.failed(with: failure, at: now, using: &generator)
            now = health.nextTry ?? now
            return (now - Self.start).components.seconds
        }
    }

    // MARK: States

    struct Case: Sendable, CustomTestStringConvertible {
        var failure: Failure
        var state: DirectionState
        var isParked: Bool
        var testDescription: String { "\(failure.retry), \(failure.condition?.rawValue ?? "plain"): \(state)" }
    }

    @Test(
        "a failure says which state it makes, and whether somebody must act",
        arguments: [
            Case(failure: failure(.now, .sessionEnded), state: .waiting, isParked: false),
            Case(failure: failure(.later(after: nil)), state: .waiting, isParked: false),
            Case(failure: failure(.later(after: nil), .throttled), state: .throttled, isParked: false),
            Case(failure: failure(.whenReauthorized), state: .needsAuthorization, isParked: true),
            Case(failure: refused, state: .waiting, isParked: true),
            Case(failure: failure(.whenReconfigured(by: .tenantAdministrator)), state: .needsAdmin, isParked: true),
            Case(
                failure: failure(.whenReconfigured(by: .operatorOfPostbote)), state: .misconfigured, isParked: true),
            Case(failure: failure(.never), state: .misconfigured, isParked: true),
        ])
    func states(_ example: Case) {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        let now = Self.start + .seconds(7)
        health.failed(with: example.failure, at: now, using: &generator)
        #expect(health.state == example.state)
        #expect(health.isParked == example.isParked)
        #expect(health.since == now)
        #expect(health.failure == example.failure)
        #expect(health.nextTry.map { $0 > now } == true)
    }

    @Test("the state's beginning stays while it lasts")
    func since() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        for second in 10..<20 as Range<Int64> {
            health.failed(
                with: Self.failure(.later(after: nil)), at: Self.start + .seconds(second), using: &generator)
        }
        #expect(health.since == Self.start + .seconds(10))
    }

    @Test("what fails at the same time on several connections counts once")
    func siblings() {
        var generator = Middle()
        var waiting = DirectionHealth(at: Self.start)
        var parked = DirectionHealth(at: Self.start)
        for second in 0..<4 as Range<Int64> {
            let now = Self.start + .seconds(second)
            waiting.failed(with: Self.failure(.later(after: nil)), at: now, using: &generator)
            #expect(waiting.nextTry == now + .seconds(15))
            parked.failed(with: Self.failure(.never), at: now, using: &generator)
            #expect(parked.nextTry == Self.start + .seconds(300))
        }
    }

    @Test("a connection lost beside one that was refused does not unpark the direction")
    func weakerSibling() {
        var generator = Middle()
        var health = DirectionHealth(at: Self.start)
        let refusal = Self.failure(.whenReconfigured(by: .tenantAdministrator))
        health.failed(with: refusal, at: Self.start, using: &generator)
        let parked = health
        health.failed(with: Self.failure(.later(after: nil)), at: Self.start + .seconds(1), using: &generator)
        #expect(health == parked)
        // At the next try it is what counts.
        let next = Self.start + .seconds(300)
        health.failed(with: Self.failure(.later(after: nil)), at: next, using: &generator)
        #expect(health.state == .waiting)
    }

    // MARK: Signing in

    @Test("a sign-in mends what kept us out, and nothing that was refused after one")
    func signedIn() {
        var generator = Middle()
        var health = DirectionHealth(at: Self.start)
        health.failed(with: Self.failure(.later(after: nil)), at: Self.start, using: &generator)
        #expect(isWell(&health, signedInAt: Self.start))
        #expect(health.state == .ok)
        var now = Self.start
        for failures in 1...3 {
            now = health.nextTry ?? now
            health.failed(
                with: Self.failure(.later(after: nil), .throttled), at: now, whileSignedIn: true, using: &generator)
            #expect(!isWell(&health, signedInAt: now))
            #expect(health.state == .throttled)
            // The waits go on growing.
            #expect(health.nextTry == now + .seconds(15 << (failures - 1)))
        }
        health.succeeded(at: now)
        #expect(isWell(&health, signedInAt: now))
        #expect(health.state == .ok)
    }

    private func isWell(_ health: inout DirectionHealth, signedInAt now: Timestamp) -> Bool {
        health.signedIn(at: now)
    }

    // MARK: Parked

    @Test(
        "what is parked is probed after 5, 15 and 60 minutes, then every hour",
        arguments: [
            failure(.whenReauthorized), failure(.whenReconfigured(by: .tenantAdministrator)),
            failure(.whenReconfigured(by: .operatorOfPostbote)), failure(.never),
        ])
    func probes(_ failure: Failure) {
        var health = DirectionHealth(at: Self.start)
        #expect(tries(&health, failure, 6) == [300, 900, 3600, 7200, 10800, 14400])
    }

    @Test("another state that needs somebody begins its probes anew")
    func otherParking() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        _ = tries(&health, Self.failure(.whenReauthorized), 4)
        let now = Self.start + .seconds(20000)
        health.failed(
            with: Self.failure(.whenReconfigured(by: .tenantAdministrator)), at: now, using: &generator)
        #expect(health.nextTry == now + .seconds(300))
        #expect(health.since == now)
    }

    @Test("it is tried at once when somebody changed something, and what was wrong stays said until it works")
    func atOnce() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        let failure = Self.failure(.whenReauthorized)
        health.failed(with: failure, at: Self.start, using: &generator)
        let now = Self.start + .seconds(60)
        health.tryAtOnce(at: now)
        #expect(health.nextTry == now)
        #expect(health.state == .needsAuthorization)
        #expect(health.failure == failure)
        // That was the first probe.
        health.failed(with: failure, at: now, using: &generator)
        #expect(health.nextTry == Self.start + .seconds(900))
    }

    @Test("a try that may have begun before somebody changed something is followed by another, once")
    func atOnceDuringATry() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        let failure = Self.failure(.whenReauthorized)
        health.failed(with: failure, at: Self.start, using: &generator)
        // The probe is under way.
        let now = Self.start + .seconds(301)
        health.tryAtOnce(at: now)
        health.failed(with: failure, at: now + .seconds(1), using: &generator)
        #expect(health.nextTry == now + .seconds(1))
        health.failed(with: failure, at: now + .seconds(2), using: &generator)
        #expect(health.nextTry == Self.start + .seconds(3600))
    }

    @Test("nothing is tried at once where nothing is wrong")
    func atOnceWhileWell() {
        var health = DirectionHealth(at: Self.start)
        health.tryAtOnce(at: Self.start + .seconds(60))
        #expect(health == DirectionHealth(at: Self.start))
    }

    // MARK: A refusal after a fresh token

    @Test("one bad reply after a fresh token is no verdict, three over 30 minutes are")
    func doubt() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        health.failed(with: Self.refused, at: Self.start, using: &generator)
        #expect(health.state == .waiting)
        #expect(health.nextTry == Self.start + .seconds(300))
        health.failed(with: Self.refused, at: Self.start + .seconds(300), using: &generator)
        #expect(health.state == .waiting)
        #expect(health.isParked, "doubted as it is, no mail ages and no attempt counts")
        #expect(health.nextTry == Self.start + .seconds(1800))
        health.failed(with: Self.refused, at: Self.start + .seconds(1800), using: &generator)
        #expect(health.state == .needsAuthorization)
        #expect(health.nextTry == Self.start + .seconds(2100), "five minutes after it was parked")
        health.failed(with: Self.refused, at: Self.start + .seconds(2100), using: &generator)
        #expect(health.nextTry == Self.start + .seconds(2700), "a further refusal is a failed probe, not a new doubt")
    }

    @Test("a sign-in that works in between makes three bad replies no verdict")
    func doubtThatPasses() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        for second in [0, 300] as [Int64] {
            health.failed(with: Self.refused, at: Self.start + .seconds(second), using: &generator)
        }
        health.succeeded(at: Self.start + .seconds(1700))
        health.failed(with: Self.refused, at: Self.start + .seconds(1800), using: &generator)
        #expect(health.state == .waiting)
    }

    @Test("refusals that somebody provokes within minutes are no verdict")
    func hasty() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        for second in 0..<20 as Range<Int64> {
            health.tryAtOnce(at: Self.start + .seconds(second))
            health.failed(with: Self.refused, at: Self.start + .seconds(second), using: &generator)
        }
        #expect(health.state == .waiting)
    }

    @Test("a server that cannot be reached meanwhile does not start the 30 minutes again")
    func doubtAndTrouble() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        health.failed(with: Self.refused, at: Self.start, using: &generator)
        health.failed(with: Self.failure(.later(after: nil)), at: Self.start + .seconds(300), using: &generator)
        #expect(!health.isParked)
        health.failed(with: Self.refused, at: Self.start + .seconds(900), using: &generator)
        health.failed(with: Self.refused, at: Self.start + .seconds(1800), using: &generator)
        #expect(health.state == .needsAuthorization)
    }

    // MARK: Waiting

    @Test("temporary failures are retried after 15 s, then less and less often, at least every 15 minutes")
    func backOff() {
        var health = DirectionHealth(at: Self.start)
        var waits: [Int64] = []
        var last: Int64 = 0
        for moment in tries(&health, Self.failure(.later(after: nil)), 10) {
            waits.append(moment - last)
            last = moment
        }
        for (wait, expected) in zip(waits, [15, 30, 60, 120, 240, 480, 900, 900, 900, 900] as [Int64]) {
            #expect(abs(wait - expected) <= 1)
        }
    }

    @Test("the spread keeps accounts that failed together apart, by a fifth at most")
    func spread() {
        var generator = SystemRandomNumberGenerator()
        var waits: Set<Duration> = []
        for _ in 0..<50 {
            var health = DirectionHealth(at: Self.start)
            health.failed(with: Self.failure(.now), at: Self.start, using: &generator)
            guard let next = health.nextTry else { continue }
            #expect(next >= Self.start + .seconds(12) && next <= Self.start + .seconds(18))
            waits.insert(next - Self.start)
        }
        #expect(waits.count > 1)
    }

    @Test("throttling waits as long as the server asks, and longer when it goes on")
    func throttled() {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        let throttled = Self.failure(.later(after: .seconds(120)), .throttled)
        health.failed(with: throttled, at: Self.start, using: &generator)
        #expect(health.state == .throttled)
        #expect(!health.isParked)
        #expect(health.nextTry == Self.start + .seconds(120))
        var now = Self.start
        for _ in 0..<8 {
            now = health.nextTry ?? now
            health.failed(with: throttled, at: now, using: &generator)
        }
        #expect(health.nextTry == now + .seconds(15 * 60))
    }

    // MARK: Well again

    @Test(
        "a success clears the state, the failure, the next try, the back-off, the doubt and the probes",
        arguments: [
            failure(.later(after: .seconds(500)), .throttled), refused, failure(.whenReauthorized),
        ])
    func success(after failure: Failure) {
        var health = DirectionHealth(at: Self.start)
        var generator = Middle()
        for _ in 0..<5 { health.failed(with: failure, at: Self.start, using: &generator) }
        let now = Self.start + .seconds(9000)
        health.succeeded(at: now)
        #expect(health == DirectionHealth(at: now))
    }

    @Test("a success where nothing was wrong changes nothing")
    func successWhileWell() {
        var health = DirectionHealth(at: Self.start)
        health.succeeded(at: Self.start + .seconds(60))
        #expect(health == DirectionHealth(at: Self.start))
    }
}
