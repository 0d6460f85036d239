import Diagnostics

/// An access token and its times.
public struct StoredAccessToken: Sendable {
    public var token: Secret
    public var obtained: Timestamp
    public var expires: Timestamp
    /// The provider's wish when to refresh, where it has one.
    public var refreshAfter: Timestamp?

    public init(token: Secret, obtained: Timestamp, expires: Timestamp, refreshAfter: Timestamp? = nil) {
        self.token = token
        self.obtained = obtained
        self.expires = expires
        self.refreshAfter = refreshAfter
    }
}
