import Authorization
import Diagnostics

/// Whether the name that a submission server took now takes the place of the one that is known.
///
/// A server that refuses a good name once would otherwise change for good under whose name mail is sent: it counts as other
/// refused sign-ins do, three over 30 minutes.
public struct LoginVerdict: Sendable {
    private var refusals = SignInVerdict()

    public init() {}

    /// The server took `login`, and whichever names were to be tried before it, it refused.
    ///
    /// - Parameter known: the name that is to be tried first until now; `nil`: none is known.
    /// - Returns: whether `login` is to be tried first from now on.
    public mutating func takes(_ login: String, insteadOf known: String?, at now: Timestamp) -> Bool {
        guard let known, known != login else {
            refusals.accepted()
            return known == nil
        }
        // The other name was taken with the same token, so that the token was good.
        guard refusals.refused(at: now, freshToken: true) == .verdict else { return false }
        refusals.accepted()
        return true
    }
}
