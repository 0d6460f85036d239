import Diagnostics
import MailModel

/// How one credential stands, for `postbote status`.
public struct CredentialStatus: Sendable, Hashable {
    /// `ok`, `waiting`, `needs_authorization`, `needs_admin` or `misconfigured`.
    public var state: DirectionState
    /// Until when the access token at hand opens the mail servers.
    public var validUntil: Timestamp?
    /// When it is refreshed, or tried again.
    public var next: Timestamp?
    /// Whether a request is on its way.
    public var isRefreshing: Bool
    /// The last failure since the last success, with what to do.
    public var failure: Failure?
    /// Who signed in; `nil` when nobody did or the provider did not say.
    public var identity: SignedInIdentity?
    /// The scopes that the accounts need and the provider did not name among those it granted; empty where it named none.
    public var missingScopes: [String]
    /// When the consent itself ends, where the provider says so.
    public var consentExpires: Timestamp?
}

extension DirectionState {
    /// The state that a failure to get a token puts its directions into.
    init(_ retry: Failure.Retry) {
        switch retry {
        case .now, .later: self = .waiting
        case .whenReauthorized: self = .needsAuthorization
        case .whenReconfigured(by: .tenantAdministrator): self = .needsAdmin
        case .whenReconfigured(by: .operatorOfPostbote), .never: self = .misconfigured
        }
    }
}
