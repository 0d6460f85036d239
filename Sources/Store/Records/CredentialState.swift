/// Whether a credential can be used, as far as is known.
public enum CredentialState: String, Sendable, CaseIterable {
    /// → needs_authorization, needs_admin, misconfigured.
    case valid
    /// The person must sign in again. → valid by a new consent, or when a refresh succeeds after all.
    case needsAuthorization = "needs_authorization"
    /// The tenant's administrator must allow something. → valid when a refresh succeeds.
    case needsAdmin = "needs_admin"
    /// The provider's settings in our configuration are wrong. → valid when a refresh succeeds.
    case misconfigured
}

extension CredentialState: ColumnWord {}
