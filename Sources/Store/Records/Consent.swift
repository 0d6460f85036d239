import Diagnostics
import MailModel

/// What a consent or an import brought.
public struct Consent: Sendable {
    public var grant: Provider.Grant
    /// `nil` for an app, which has none.
    public var refreshToken: Secret?
    public var refreshTokenExpires: Timestamp?
    public var scopes: [String]
    public var identity: StoredIdentity

    public init(
        grant: Provider.Grant, refreshToken: Secret?, refreshTokenExpires: Timestamp? = nil, scopes: [String] = [],
        identity: StoredIdentity = StoredIdentity()
    ) {
        self.grant = grant
        self.refreshToken = refreshToken
        self.refreshTokenExpires = refreshTokenExpires
        self.scopes = scopes
        self.identity = identity
    }
}
