/// The state of one direction of an account, under the same word in database, log, control API and documentation.
public enum DirectionState: String, Hashable, Sendable, CaseIterable {
    /// It works, or has not been tried yet.
    case ok
    /// The server or the network was in trouble; tried again by itself.
    case waiting
    /// The provider asked for patience.
    case throttled
    /// The mailbox owner must sign in again.
    case needsAuthorization = "needs_authorization"
    /// The administrator of the provider's tenant must change something.
    case needsAdmin = "needs_admin"
    /// Postbote's configuration must change.
    case misconfigured
    /// By `postbote pause`.
    case paused
    /// By `enabled: false`.
    case disabled

    /// Somebody has to act before it works again.
    public var isProblem: Bool {
        switch self {
        case .needsAuthorization, .needsAdmin, .misconfigured: true
        case .ok, .waiting, .throttled, .paused, .disabled: false
        }
    }
}
