import Diagnostics
import MailModel

/// A provider's trust in somebody who signed in, or in the app itself; without its secrets.
public struct StoredCredential: Hashable, Sendable {
    public let id: CredentialID
    public let provider: ProviderName
    /// Who signs in; empty: the app itself.
    public let subject: String
    public let grant: Provider.Grant
    public let state: CredentialState
    public let stateSince: Timestamp
    /// Grows with every change of what is secret or decided. Results computed from an older version are dropped.
    public let version: Int64
    public let hasRefreshToken: Bool
    public let refreshTokenObtained: Timestamp?
    /// `nil`: the provider does not say.
    public let refreshTokenExpires: Timestamp?
    /// As granted; empty: not told.
    public let scopes: [String]
    public let identity: StoredIdentity
    /// A claims challenge for the next sign-in.
    public let claims: String?
    public let created: Timestamp
    /// When a token was last got with it: refresh tokens die of idleness.
    public let lastUsed: Timestamp?
    public let lastError: String?
    public let lastErrorAt: Timestamp?
}
