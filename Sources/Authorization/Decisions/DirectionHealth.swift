import Diagnostics
import MailModel

/// How one direction of an account fares, and when it is tried again: decided from failures, with no clock of its own.
///
/// A problem of credential or policy parks the direction and nothing else: no attempt is counted, and it is probed after
/// 5, 15 and 60 minutes and then hourly. Fetching and Sending keep one for each account.
public struct DirectionHealth: Hashable, Sendable {
    static let firstBackOff = Duration.seconds(15)
    static let longestBackOff = Duration.seconds(15 * 60)

    public private(set) var state: DirectionState
    public private(set) var since: Timestamp
    /// What was wrong last, while it is wrong.
    public private(set) var failure: Failure?
    /// When it is tried again by itself; `nil` while all is well.
    public private(set) var nextTry: Timestamp?

    /// Failures in a row.
    private var failures = 0
    private var verdict = SignInVerdict()
    private var probes: ParkedProbes?
    /// The last failure came of work in a session that had signed in: only work shows that it is over.
    private var isOfWork = false
    /// Somebody changed something after the try that is under way had begun: its failure says nothing of the change.
    private var isToBeTriedAgain = false

    public init(_ state: DirectionState = .ok, at now: Timestamp) {
        self.state = state
        since = now
    }

    /// Somebody must act, or a refusal is being doubted: mail does not age meanwhile, and no attempt counts.
    public var isParked: Bool { state.isProblem || failure?.condition == .signInRefused }

    public mutating func succeeded(at now: Timestamp) {
        enter(.ok, at: now)
        failure = nil
        nextTry = nil
        failures = 0
        verdict.accepted()
        probes = nil
        isOfWork = false
        isToBeTriedAgain = false
    }

    /// The server let us in. That ends what kept us out, and says nothing of a refusal that comes later in the session.
    ///
    /// - Returns: whether all is well now.
    public mutating func signedIn(at now: Timestamp) -> Bool {
        if !isOfWork { succeeded(at: now) }
        return failure == nil
    }

    /// Somebody changed something (reload, authorize, doctor): it is tried at once. What was wrong stays said until that
    /// try has succeeded. A try that may have begun before the change is followed by another.
    public mutating func tryAtOnce(at now: Timestamp) {
        guard let due = nextTry else { return }
        if due <= now { isToBeTriedAgain = true }
        nextTry = now
    }

    /// - Parameter whileSignedIn: the session was open already; a sign-in does not mend it.
    public mutating func failed(
        with failure: Failure, at now: Timestamp, whileSignedIn: Bool = false,
        using generator: inout some RandomNumberGenerator
    ) {
        // Connections that were open at the same time fail of the same thing; that counts once.
        let isAnother = self.failure == nil || nextTry.map { now >= $0 } ?? true
        // A connection that is lost beside the one that was refused does not make the refusal a passing trouble.
        if !isAnother, state.isProblem, failure.isPassing { return }
        self.failure = failure
        isOfWork = whileSignedIn
        if isAnother { failures += 1 }
        switch failure.retry {
        case .now:
            wait(in: .waiting, until: now + backOff(using: &generator), at: now)
        case .later(let hint):
            let wait = max(hint ?? .zero, backOff(using: &generator))
            self.wait(in: failure.condition == .throttled ? .throttled : .waiting, until: now + wait, at: now)
        case .whenReauthorized where failure.condition == .signInRefused && state != .needsAuthorization:
            doubt(at: now)
        case .whenReauthorized:
            park(in: .needsAuthorization, at: now, isAnother)
        case .whenReconfigured(by: .tenantAdministrator):
            park(in: .needsAdmin, at: now, isAnother)
        case .whenReconfigured(by: .operatorOfPostbote), .never:
            park(in: .misconfigured, at: now, isAnother)
        }
        if isToBeTriedAgain { nextTry = now }
        isToBeTriedAgain = false
    }

    /// A mail server refused a token that was fresh; one such reply is not yet a verdict.
    private mutating func doubt(at now: Timestamp) {
        switch verdict.refused(at: now, freshToken: true) {
        case .verdict, .refresh: park(in: .needsAuthorization, at: now, true)
        case .again(let wait): self.wait(in: .waiting, until: now + wait, at: now)
        }
    }

    private mutating func park(in new: DirectionState, at now: Timestamp, _ isAnother: Bool) {
        if state != new || probes == nil {
            probes = ParkedProbes(since: now)
        } else if isAnother {
            probes?.probeFailed()
        }
        enter(new, at: now)
        nextTry = probes?.next(after: now)
    }

    private mutating func wait(in new: DirectionState, until: Timestamp, at now: Timestamp) {
        probes = nil
        enter(new, at: now)
        nextTry = until
    }

    private func backOff(using generator: inout some RandomNumberGenerator) -> Duration {
        let doubled = DirectionHealth.firstBackOff * (1 << min(failures - 1, 10))
        let capped = min(doubled, DirectionHealth.longestBackOff)
        return capped * Double.random(in: 0.8...1.2, using: &generator)
    }

    private mutating func enter(_ new: DirectionState, at now: Timestamp) {
        guard new != state else { return }
        state = new
        since = now
    }
}

extension Failure {
    /// It may end by itself.
    fileprivate var isPassing: Bool {
        switch retry {
        case .now, .later: true
        case .whenReauthorized, .whenReconfigured, .never: false
        }
    }
}
