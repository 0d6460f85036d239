import Diagnostics
import MailModel

/// What a client may still ask for, and everybody together. A value: the clock is the caller's.
struct VisitBudgets: Sendable {
    private var everybody = RequestBudget(Limits.everybody)
    private var pages = RequestBudget(Limits.pages)
    var signIns = RequestBudget(Limits.signIns)
    var guesses = RequestBudget(Limits.guesses)

    /// Takes one request. The client's own budget comes first: what is refused there costs the others nothing, so that one
    /// client that asks without end keeps nobody else out.
    ///
    /// - Returns: `nil`, or how long it takes until there is one again.
    mutating func admit(_ client: IPAddress?, at now: Timestamp) -> Duration? {
        if let wait = pages.take(client, at: now) { return wait }
        return everybody.take(nil, at: now)
    }
}
