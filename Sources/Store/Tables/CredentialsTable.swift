import Diagnostics
import MailModel

/// Credentials and their tokens. A credential belongs to a provider and whoever signed in, not to an account.
public struct CredentialsTable<Access> {
    let connection: Connection
    let sealer: Sealer

    public func find(_ id: CredentialID) throws -> StoredCredential? {
        try connection.first("\(Self.select) WHERE id = ?", id, read: Self.credential)
    }

    /// - Parameter subject: who signs in, as the configuration spells it; empty: the app itself. Case does not matter.
    public func find(_ provider: ProviderName, subject: String) throws -> StoredCredential? {
        try connection.first(
            "\(Self.select) WHERE provider = ? AND subject = ?", provider, subject.lowercased(), read: Self.credential
        )
    }

    /// All credentials above `after` in the order of their ids, at most `limit`.
    public func all(after id: CredentialID? = nil, limit: Int = .max) throws -> [StoredCredential] {
        try connection.all(
            "\(Self.select) WHERE id > ? ORDER BY id LIMIT ?", id?.description ?? "", min(limit, Limits.page),
            read: Self.credential)
    }

    public func refreshToken(_ id: CredentialID) throws -> Secret? {
        let sealed: [UInt8]? = try connection.first(
            "SELECT refresh_token FROM credentials WHERE id = ? AND refresh_token IS NOT NULL", id
        ) { try $0.next() }
        return try sealed.map { try sealer.open($0, of: id.description, field: Self.refreshField) }
    }

    /// The stored access token for `audience`, expired or not.
    public func accessToken(_ id: CredentialID, audience: String) throws -> StoredAccessToken? {
        try connection.first(
            "SELECT token, obtained, expires, refresh_after FROM access_tokens WHERE credential = ? AND audience = ?",
            id, audience
        ) { row in
            let sealed: [UInt8] = try row.next()
            let token = try sealer.open(sealed, of: id.description, field: Self.accessField(audience))
            return StoredAccessToken(
                token: token, obtained: try row.next(), expires: try row.next(), refreshAfter: try row.next())
        }
    }

    static var refreshField: String { "refresh token" }
    static func accessField(_ audience: String) -> String { "access token for \(audience)" }

    private static var select: String {
        """
        SELECT id, provider, subject, grant_type, state, state_since, version, refresh_token IS NOT NULL,
            refresh_obtained, refresh_expires, scopes, object_id, tenant_id, user_name, email, claims, created,
            last_used, last_error, last_error_at
        FROM credentials
        """
    }

    private static func credential(_ row: inout Row) throws -> StoredCredential {
        StoredCredential(
            id: try row.next(), provider: try row.next(), subject: try row.next(), grant: try row.next(),
            state: try row.next(), stateSince: try row.next(), version: try row.next(),
            hasRefreshToken: try row.next(), refreshTokenObtained: try row.next(),
            refreshTokenExpires: try row.next(),
            scopes: (try row.next(String?.self) ?? "").split(separator: " ").map(String.init),
            identity: StoredIdentity(
                objectID: try row.next(), tenantID: try row.next(), userName: try row.next(), email: try row.next()),
            claims: try row.next(), created: try row.next(), lastUsed: try row.next(), lastError: try row.next(),
            lastErrorAt: try row.next())
    }
}
