import Diagnostics

/// The life of one credential's access token: an event in, what to do out. It never waits, logs or tells the time.
struct TokenLifecycle: Sendable {
    /// Each case names its legal exits.
    enum Phase: Sendable {
        /// Nobody has signed in. Exits: `resting` (a consent was stored).
        case absent
        /// Nothing to do before `due`; `nil`: nothing to do before somebody wants a token. Exits: `refreshing`, `absent`.
        case resting(due: Timestamp?)
        /// One flight is on its way. Exits: `resting` (granted), `overdue`, `waiting`, `parked`, `absent`.
        case refreshing(flight: Int, after: Setback)
        /// That flight takes so long that nobody waits for it any more, and no other one leaves before it has
        /// landed: its request may have used up the refresh token. Exits: `resting` (granted), `waiting`, `parked`,
        /// `absent`.
        case overdue(Failure, flight: Int, after: Setback)
        /// It failed in a way that passes. Exits: `refreshing` (at `until`, or at once when told so), `absent`, `resting`.
        case waiting(Failure, until: Timestamp, failures: Int)
        /// It was refused, and only a person can change it. Exits: `refreshing` (a probe), `absent`, `resting`.
        case parked(Failure, until: Timestamp, ParkedProbes)
    }

    /// What went before a flight.
    enum Setback: Sendable {
        case none
        case temporary(Failure, failures: Int)
        case refusal(Failure, ParkedProbes)
    }

    /// A token that was granted, and when it should be refreshed.
    struct Held: Sendable {
        var token: AccessToken
        var due: Timestamp
    }

    /// The latest token: in any phase, because an old one stays good while a new one cannot be had.
    private(set) var token: AccessToken?
    private(set) var phase: Phase
    private var flights = 0

    /// Nobody has signed in yet.
    init() { phase = .absent }

    /// - Parameters:
    ///   - held: the stored token, which a restart goes on using.
    ///   - due: when to refresh without a token; `nil`: when somebody wants one.
    init(_ held: Held?, due: Timestamp?) {
        token = held?.token
        phase = .resting(due: held?.due ?? due)
    }

    // MARK: Events

    /// Somebody wants a token, or time has passed: starts a flight where one is needed.
    ///
    /// - Returns: the number of the flight to start.
    mutating func tick(at now: Timestamp, wanted: Bool) -> Int? {
        switch phase {
        case .absent, .refreshing, .overdue: return nil
        case .resting(let due):
            let late = due.map { $0 <= now } ?? false
            let missing = wanted && !(token?.isUsable(at: now) ?? false)
            return late || missing || (token?.isFromTheFuture(at: now) ?? false) ? start(after: .none) : nil
        case .waiting(let failure, let until, let failures):
            return isOver(until, now) ? start(after: .temporary(failure, failures: failures)) : nil
        case .parked(let failure, let until, let probes):
            return isOver(until, now) ? start(after: .refusal(failure, probes)) : nil
        }
    }

    /// Something may have been mended (reload, authorize, doctor): what waits or is parked is tried at once.
    mutating func mended() -> Int? {
        switch phase {
        case .absent, .resting, .refreshing, .overdue: nil
        case .waiting(let failure, _, let failures): start(after: .temporary(failure, failures: failures))
        case .parked(let failure, _, let probes): start(after: .refusal(failure, probes))
        }
    }

    /// Somebody wants a newer token than the one at hand, however good that is. What waits or is parked goes on
    /// waiting: the provider was asked already, and its wish for patience is honoured.
    mutating func demanded() -> Int? {
        guard case .resting = phase else { return nil }
        return start(after: .none)
    }

    /// A mail server refused `refused`. A token that is good and not older than a moment is not replaced: the cause
    /// is another.
    ///
    /// - Returns: whether it is such a token; else the flight to start for a newer one. Where none can be had
    ///   nobody knows what the server's refusal means, and `setback` says why.
    mutating func refused(_ refused: AccessToken, at now: Timestamp) -> (isFresh: Bool, flight: Int?) {
        guard token == refused else { return (false, nil) }
        if case .refreshing = phase { return (false, nil) }
        if refused.isUsable(at: now), now - refused.obtained < Limits.betweenForcedRefreshes { return (true, nil) }
        return (false, demanded())
    }

    /// The flight brought a token.
    mutating func granted(_ held: Held, flight: Int) {
        guard isCurrent(flight) else { return }
        token = held.token
        phase = .resting(due: held.due)
    }

    /// The flight has not landed within its time.
    mutating func late(_ failure: Failure, flight: Int) {
        guard case .refreshing(flight, let setback) = phase else { return }
        phase = .overdue(failure, flight: flight, after: setback)
    }

    /// The flight failed in a way that passes.
    mutating func failed(_ failure: Failure, flight: Int, at now: Timestamp, wait: Duration) {
        guard let setback = setback(before: flight) else { return }
        switch setback {
        case .refusal(let verdict, var probes):
            // A probe that could not be made changes nothing about the verdict.
            probes.probeFailed()
            phase = .parked(verdict, until: probes.next(after: now), probes)
        case .none:
            phase = .waiting(failure, until: now + wait, failures: 1)
        case .temporary(_, let failures):
            phase = .waiting(failure, until: now + wait, failures: failures + 1)
        }
    }

    /// The flight was refused.
    mutating func refused(_ failure: Failure, flight: Int, at now: Timestamp) {
        guard let setback = setback(before: flight) else { return }
        var probes = ParkedProbes(since: now)
        if case .refusal(_, let earlier) = setback {
            probes = earlier
            probes.probeFailed()
        }
        phase = .parked(failure, until: probes.next(after: now), probes)
    }

    /// The flight was not made, because the whole provider is refused until `until`.
    mutating func blocked(by failure: Failure, until: Timestamp, flight: Int) {
        guard let setback = setback(before: flight) else { return }
        switch setback {
        case .refusal(let verdict, let probes): phase = .parked(verdict, until: until, probes)
        case .none: phase = .waiting(failure, until: until, failures: 0)
        case .temporary(_, let failures): phase = .waiting(failure, until: until, failures: failures)
        }
    }

    /// The flight found that there is no consent to refresh.
    mutating func vanished(flight: Int) {
        guard isCurrent(flight) else { return }
        token = nil
        phase = .absent
    }

    // MARK: Answers

    /// Why there is no newer token; `nil` while one can be expected.
    func setback(at now: Timestamp) -> Failure? {
        switch phase {
        case .absent: return TokenLifecycle.nobodySignedIn
        case .resting, .refreshing: return nil
        case .overdue(let failure, _, _), .parked(let failure, _, _): return failure
        case .waiting(var failure, let until, _):
            if case .later = failure.retry { failure.retry = .later(after: max(until - now, .zero)) }
            return failure
        }
    }

    /// Why the latest attempt failed, also while the next one is on its way.
    var lastFailure: Failure? {
        switch phase {
        case .absent: TokenLifecycle.nobodySignedIn
        case .resting, .refreshing(_, .none): nil
        case .waiting(let failure, _, _), .parked(let failure, _, _), .overdue(let failure, _, _),
            .refreshing(_, .temporary(let failure, _)), .refreshing(_, .refusal(let failure, _)):
            failure
        }
    }

    /// When something is to be done although nobody asks.
    var next: Timestamp? {
        switch phase {
        case .absent, .refreshing, .overdue: nil
        case .resting(let due): due
        case .waiting(_, let until, _), .parked(_, let until, _): until
        }
    }

    /// How many temporary failures came in a row, the one that just happened included.
    var failuresInARow: Int {
        switch phase {
        case .refreshing(_, .temporary(_, let failures)), .overdue(_, _, .temporary(_, let failures)): failures + 1
        default: 1
        }
    }

    /// No token is on its way, and none is missing.
    var isResting: Bool { if case .resting = phase { true } else { false } }

    func isCurrent(_ flight: Int) -> Bool { setback(before: flight) != nil }

    /// What went before that flight; `nil` when it is not the one on its way.
    private func setback(before flight: Int) -> Setback? {
        switch phase {
        case .refreshing(flight, let setback), .overdue(_, flight, let setback): setback
        default: nil
        }
    }

    private mutating func start(after setback: Setback) -> Int {
        flights += 1
        phase = .refreshing(flight: flights, after: setback)
        return flights
    }

    /// A wait is over, too, when the clock was set back and would make it endless.
    private func isOver(_ until: Timestamp, _ now: Timestamp) -> Bool {
        until <= now || until - now > Limits.longestWait
    }

    static let nobodySignedIn = Failure(
        .account, .whenReauthorized, operation: "refresh token",
        reason: "Nobody has signed in for this account yet: postbote authorize ACCOUNT.")
}
