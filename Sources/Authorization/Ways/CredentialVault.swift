import Diagnostics
import Store

/// Where consents and tokens are kept: durable and encrypted.
///
/// Each write gives a new version, and what a slow refresh brings is dropped when it began from an older one.
public protocol CredentialVault: Sendable {
    /// - Throws: also when the refresh token cannot be opened any more, as after the loss of the key.
    func credential(_ key: CredentialKey) async throws -> KeptCredential?
    /// The same without its refresh token, which need not be readable: for what does not use it.
    func credentialWithoutToken(_ key: CredentialKey) async throws -> KeptCredential?
    /// All of them, for the start; without their refresh tokens.
    func credentials() async throws -> [KeptCredential]
    /// Keeps a new consent, and its token, in place of whatever was there. Durable on return.
    ///
    /// - Parameter link: with which it was given; `nil`: without one.
    /// - Returns: whether it was kept: `false` when the link is not open any more, or asks for another consent.
    func keepConsent(_ key: CredentialKey, _ grant: KeptGrant, by link: SignInLink.Digest?) async throws -> Bool
    /// Keeps what a refresh brought. Durable on return.
    ///
    /// - Parameter version: the version the refresh began from; `nil`: there was no credential.
    /// - Returns: whether it was kept: `false` when another consent came in between.
    func keepTokens(_ key: CredentialKey, _ grant: KeptGrant, ifVersion version: Int64?) async throws -> Bool
    /// Remembers that a refresh was refused, or why it did not work, for people and for the next sign-in.
    ///
    /// - Parameter claims: a challenge that the next sign-in must pass on.
    func note(_ key: CredentialKey, _ failure: Failure, claims: String?) async throws
    /// Forgets consent and tokens.
    func forget(_ key: CredentialKey) async throws
}

/// A credential as it is kept.
public struct KeptCredential: Sendable {
    public var key: CredentialKey
    /// Grows with each write.
    public var version: Int64
    public var grant: KeptGrant
    /// A challenge with which a refresh was refused, for the next sign-in to pass on.
    public var claims: String?

    public init(key: CredentialKey, version: Int64, grant: KeptGrant, claims: String? = nil) {
        self.key = key
        self.version = version
        self.grant = grant
        self.claims = claims
    }
}

/// What a provider granted.
public struct KeptGrant: Sendable {
    /// `nil` after a refresh that brought no new one (the old one stays), and for the app itself.
    public var refreshToken: Secret?
    /// When the refresh token ends, where the provider says so; without one the consent ends with its access token.
    public var refreshTokenExpires: Timestamp?
    public var accessToken: AccessToken?
    /// When the access token should be refreshed.
    public var refreshDue: Timestamp?
    /// The scopes the provider named; empty when it named none.
    public var scopes: [String]
    /// Who signed in; `nil` when the provider did not say.
    public var identity: SignedInIdentity?

    public init(
        refreshToken: Secret? = nil, refreshTokenExpires: Timestamp? = nil, accessToken: AccessToken? = nil,
        refreshDue: Timestamp? = nil, scopes: [String] = [], identity: SignedInIdentity? = nil
    ) {
        self.refreshToken = refreshToken
        self.refreshTokenExpires = refreshTokenExpires
        self.accessToken = accessToken
        self.refreshDue = refreshDue
        self.scopes = scopes
        self.identity = identity
    }
}
