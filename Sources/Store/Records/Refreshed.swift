import Diagnostics

/// What a token endpoint granted to a refresh.
public struct Refreshed: Sendable {
    public var accessToken: StoredAccessToken
    /// The resource or scopes the access token was asked for.
    public var audience: String
    /// A rotated one, which replaces the old; `nil`: the old one stays.
    public var refreshToken: Secret?
    public var refreshTokenExpires: Timestamp?
    /// `nil`: not told.
    public var scopes: [String]?
    /// `nil`: not told.
    public var identity: StoredIdentity?

    public init(
        accessToken: StoredAccessToken, audience: String, refreshToken: Secret? = nil,
        refreshTokenExpires: Timestamp? = nil, scopes: [String]? = nil, identity: StoredIdentity? = nil
    ) {
        self.accessToken = accessToken
        self.audience = audience
        self.refreshToken = refreshToken
        self.refreshTokenExpires = refreshTokenExpires
        self.scopes = scopes
        self.identity = identity
    }
}
