import Diagnostics

/// How long the replies of a sign-in may take together: a server that says a little now and then never runs into the limit
/// of a single one.
struct SignInDeadline: Sendable {
    private let whole: Duration
    private let end: ContinuousClock.Instant

    init(after whole: Duration) {
        self.whole = whole
        end = .now + whole
    }

    /// Asked before each reply is waited for.
    ///
    /// - Throws: `Failure` of the direction when the time is over.
    func check() throws(Failure) {
        guard ContinuousClock.now >= end else { return }
        throw Failure(
            .direction, .later(after: nil), operation: "sign in",
            reason:
                "The server answers, but has not let us in within \(whole.components.seconds) s. It will be tried "
                + "again.")
    }
}
