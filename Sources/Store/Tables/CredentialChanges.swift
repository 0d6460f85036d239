import Diagnostics
import MailModel

/// What changes credentials. Every change but a new consent is compare-and-set on the version it was computed from: a
/// slow reply to an old refresh token never overwrites what a person has just consented to.
extension CredentialsTable where Access == Writing {
    /// Stores a new consent, over an older one of the same person at the same provider: `valid` from now on, access
    /// tokens of the old one forgotten. The id stays.
    ///
    /// - Parameter new: the id of a credential that is not there yet.
    @discardableResult
    public func store(
        _ consent: Consent, provider: ProviderName, subject: String, new: CredentialID, at now: Timestamp
    ) throws -> StoredCredential {
        let known = try find(provider, subject: subject)
        let id = known?.id ?? new
        let sealed = consent.refreshToken.map { sealer.seal($0, of: id.description, field: Self.refreshField) }
        try connection.run(
            """
            INSERT INTO credentials (id, provider, subject, grant_type, state, state_since, version, refresh_token,
                refresh_obtained, refresh_expires, scopes, object_id, tenant_id, user_name, email, created)
            VALUES (?1, ?2, ?3, ?4, 'valid', ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?5)
            ON CONFLICT (provider, subject) DO UPDATE SET grant_type = ?4, state = 'valid', state_since = ?5,
                version = version + 1, refresh_token = ?6, refresh_obtained = ?7, refresh_expires = ?8, scopes = ?9,
                object_id = ?10, tenant_id = ?11, user_name = ?12, email = ?13, claims = NULL, last_error = NULL,
                last_error_at = NULL
            """, id, provider, subject.lowercased(), consent.grant, now, sealed, sealed == nil ? nil : now,
            consent.refreshTokenExpires, consent.scopes.joined(separator: " "), consent.identity.objectID,
            consent.identity.tenantID, consent.identity.userName, consent.identity.email)
        try connection.run("DELETE FROM access_tokens WHERE credential = ?", id)
        guard let stored = try find(id) else { preconditionFailure("what was just stored is there") }
        return stored
    }

    /// Stores what a refresh brought: the rotated refresh token and the access token in one commit, so that the rotated
    /// one is durable before the access token is used. The credential is `valid` by it.
    public func refresh(
        _ id: CredentialID, ifVersion version: Int64, _ refreshed: Refreshed, at now: Timestamp
    ) throws -> CredentialChange {
        let change = try change(id, ifVersion: version) { id in
            try connection.run(
                """
                UPDATE credentials SET state_since = CASE state WHEN 'valid' THEN state_since ELSE ?2 END,
                    state = 'valid', last_used = ?2, last_error = NULL, last_error_at = NULL, claims = NULL,
                    scopes = coalesce(?3, scopes)
                WHERE id = ?1
                """, id, now, refreshed.scopes?.joined(separator: " "))
            try replaceRefreshToken(id, refreshed, at: now)
            if let identity = refreshed.identity { try setIdentity(id, identity) }
        }
        guard change != .stale else { return .stale }
        try storeAccessToken(id, audience: refreshed.audience, refreshed.accessToken)
        return change
    }

    /// Puts another refresh token in the place of the one that is there.
    public func replaceRefreshToken(
        _ id: CredentialID, ifVersion version: Int64, _ token: Secret, expires: Timestamp?, at now: Timestamp
    ) throws -> CredentialChange {
        try change(id, ifVersion: version) { id in try setRefreshToken(id, token, expires, at: now) }
    }

    /// The provider refused: what that makes of the credential, and its words.
    public func setState(
        _ id: CredentialID, ifVersion version: Int64, _ state: CredentialState, error: String?, claims: String? = nil,
        at now: Timestamp
    ) throws -> CredentialChange {
        try change(id, ifVersion: version) { id in
            try connection.run(
                """
                UPDATE credentials SET state_since = CASE state WHEN ?2 THEN state_since ELSE ?5 END, state = ?2,
                    last_error = coalesce(?3, last_error),
                    last_error_at = CASE WHEN ?3 IS NULL THEN last_error_at ELSE ?5 END,
                    claims = coalesce(?4, claims)
                WHERE id = ?1
                """, id, state, error?.clipped(toOctets: Limits.wordsOctets), claims, now)
        }
    }

    /// A temporary trouble, for `status`. It decides nothing, so the version stays.
    public func noteError(_ id: CredentialID, _ error: String, at now: Timestamp) throws {
        try connection.run(
            "UPDATE credentials SET last_error = ?, last_error_at = ? WHERE id = ?",
            error.clipped(toOctets: Limits.wordsOctets), now, id)
    }

    /// A mail server refused the access token: it is not offered again.
    public func forgetAccessToken(_ id: CredentialID, audience: String) throws {
        try connection.run("DELETE FROM access_tokens WHERE credential = ? AND audience = ?", id, audience)
    }

    /// Forgets the credential with all its tokens.
    public func forget(_ id: CredentialID) throws {
        try connection.run("DELETE FROM credentials WHERE id = ?", id)
    }

    // MARK: Parts

    private func change(
        _ id: CredentialID, ifVersion version: Int64, _ body: (CredentialID) throws -> Void
    ) throws -> CredentialChange {
        try connection.run("UPDATE credentials SET version = version + 1 WHERE id = ? AND version = ?", id, version)
        guard connection.changes == 1 else { return .stale }
        try body(id)
        return .stored(version: version + 1)
    }

    private func replaceRefreshToken(_ id: CredentialID, _ refreshed: Refreshed, at now: Timestamp) throws {
        if let token = refreshed.refreshToken {
            try setRefreshToken(id, token, refreshed.refreshTokenExpires, at: now)
        } else if let expires = refreshed.refreshTokenExpires {
            try connection.run("UPDATE credentials SET refresh_expires = ? WHERE id = ?", expires, id)
        }
    }

    private func setRefreshToken(_ id: CredentialID, _ token: Secret, _ expires: Timestamp?, at now: Timestamp) throws
    {
        let sealed = sealer.seal(token, of: id.description, field: Self.refreshField)
        try connection.run(
            "UPDATE credentials SET refresh_token = ?, refresh_obtained = ?, refresh_expires = ? WHERE id = ?",
            sealed,
            now, expires, id)
    }

    private func setIdentity(_ id: CredentialID, _ identity: StoredIdentity) throws {
        try connection.run(
            """
            UPDATE credentials SET object_id = coalesce(?, object_id), tenant_id = coalesce(?, tenant_id),
                user_name = coalesce(?, user_name), email = coalesce(?, email)
            WHERE id = ?
            """, identity.objectID, identity.tenantID, identity.userName, identity.email, id)
    }

    private func storeAccessToken(_ id: CredentialID, audience: String, _ token: StoredAccessToken) throws {
        let sealed = sealer.seal(token.token, of: id.description, field: Self.accessField(audience))
        try connection.run(
            """
            INSERT OR REPLACE INTO access_tokens (credential, audience, token, obtained, expires, refresh_after)
            VALUES (?, ?, ?, ?, ?, ?)
            """, id, audience, sealed, token.obtained, token.expires, token.refreshAfter)
    }
}
