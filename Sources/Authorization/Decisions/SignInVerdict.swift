import Diagnostics

/// Whether a mail server's refusals are a verdict on the credential.
///
/// Exchange has refused good tokens for minutes at a time (incident EX1215307), so that one bad reply after a fresh token is
/// not yet a verdict: three over 30 minutes are. Fetching and Sending keep one for each direction.
public struct SignInVerdict: Hashable, Sendable {
    /// What to do after a refusal.
    public enum Decision: Hashable, Sendable {
        /// The token was not fresh: ask for a new one and try at once.
        case refresh
        /// Try again after this wait; the direction is `waiting`.
        case again(after: Duration)
        /// The direction is parked, with this failure's retry.
        case verdict
    }

    public static let refusals = 3
    public static let span = Duration.seconds(1800)
    private static let firstWait = Duration.seconds(300)

    private var first: Timestamp?
    private var count = 0

    public init() {}

    /// The server refused the sign-in.
    ///
    /// - Parameter freshToken: whether the token was fetched for this attempt, or is a password. Refusals of older tokens
    ///   do not count.
    public mutating func refused(at now: Timestamp, freshToken: Bool) -> Decision {
        guard freshToken else { return .refresh }
        guard let first, first <= now else {
            // The first one, or the clock was set back.
            first = now
            count += 1
            return .again(after: SignInVerdict.firstWait)
        }
        count += 1
        let remaining = SignInVerdict.span - (now - first)
        if count >= SignInVerdict.refusals, remaining <= .zero { return .verdict }
        return .again(after: max(remaining, .seconds(60)))
    }

    /// The server accepted a sign-in: earlier refusals are forgotten.
    public mutating func accepted() { self = SignInVerdict() }
}
