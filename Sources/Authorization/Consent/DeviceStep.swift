import Diagnostics

/// One step of a sign-in by device code, as the person at the terminal sees it. The last one is none of the first two.
public enum DeviceStep: Hashable, Sendable {
    /// Open the page, enter the code.
    case prompt(DevicePrompt)
    /// Nobody has signed in so far; asked again at this moment.
    case waiting(next: Timestamp)
    /// Signed in, and stored.
    case done(ConsentReceipt)
    /// The person said no.
    case declined
    /// The code ran out before anybody signed in.
    case expired
    /// Nothing was stored, and the failure says why.
    case failed(Failure)
}

/// What was stored.
public struct ConsentReceipt: Hashable, Sendable {
    /// Who signed in; `nil`: the provider did not say, and nobody could compare it with `authorized_as`.
    public var identity: SignedInIdentity?
    public var tokenValidUntil: Timestamp
    /// Why the consent ends with its access token, and what to do; `nil`: mail can be opened later, too.
    public var warning: String?

    public var isLasting: Bool { warning == nil }
}
