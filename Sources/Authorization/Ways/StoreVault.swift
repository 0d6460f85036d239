import Diagnostics
import MailModel
import Store

/// Keeps credentials in the daemon's database.
public struct StoreVault: CredentialVault {
    private let store: Store
    private let clock: any WallClock

    public init(_ store: Store, clock: any WallClock = SystemClock()) {
        self.store = store
        self.clock = clock
    }

    public func credential(_ key: CredentialKey) async throws -> KeptCredential? {
        try await store.read { transaction in
            guard let row = try transaction.credentials.find(key.provider, subject: key.subject) else { return nil }
            var kept = try transaction.credentials.kept(row)
            kept.grant.refreshToken = try transaction.credentials.refreshToken(row.id)
            return kept
        }
    }

    public func credentialWithoutToken(_ key: CredentialKey) async throws -> KeptCredential? {
        try await store.read { transaction in
            try transaction.credentials.find(key.provider, subject: key.subject).map(transaction.credentials.kept)
        }
    }

    public func credentials() async throws -> [KeptCredential] {
        var all: [KeptCredential] = []
        var last: CredentialID?
        while true {
            let after = last
            let (page, end) = try await store.read { transaction in
                let rows = try transaction.credentials.all(after: after)
                return (try rows.map(transaction.credentials.kept), rows.last?.id)
            }
            guard let end else { return all }
            all += page
            last = end
        }
    }

    public func keepConsent(
        _ key: CredentialKey, _ grant: KeptGrant, by link: SignInLink.Digest?
    ) async throws -> Bool {
        let now = clock.now
        return try await store.write { transaction in
            // In the same commit: a consent that was revoked, or asked for anew, while the provider was answering stays so.
            if let link {
                guard let found = try transaction.signInLinks.find(link), found.credential == key.name,
                    found.state(at: now) == .open
                else { return false }
            }
            let row = try transaction.credentials.store(key, grant, as: .authorizationCode, at: now)
            _ = try transaction.credentials.keep(grant, in: row, at: now)
            // In the same commit: no crash leaves a link that asks for what was just given.
            try transaction.signInLinks.end(key.name, .used, at: now)
            return true
        }
    }

    public func keepTokens(_ key: CredentialKey, _ grant: KeptGrant, ifVersion version: Int64?) async throws -> Bool {
        let now = clock.now
        return try await store.write { transaction in
            let known = try transaction.credentials.find(key.provider, subject: key.subject)
            guard known?.version == version else { return false }
            // What needs nobody's consent has a row from its first token on.
            let own = key.isApplication ? Provider.Grant.clientCredentials : .serviceAccount
            let row = try known ?? transaction.credentials.store(key, grant, as: own, at: now)
            return try transaction.credentials.keep(grant, in: row, at: now) != .stale
        }
    }

    public func note(_ key: CredentialKey, _ failure: Failure, claims: String?) async throws {
        let now = clock.now
        try await store.write { transaction in
            guard let row = try transaction.credentials.find(key.provider, subject: key.subject) else { return }
            guard let state = CredentialState(failure.retry) else {
                return try transaction.credentials.noteError(row.id, failure.reason, at: now)
            }
            _ = try transaction.credentials.setState(
                row.id, ifVersion: row.version, state, error: failure.reason, claims: claims, at: now)
        }
    }

    public func forget(_ key: CredentialKey) async throws {
        let now = clock.now
        try await store.write { transaction in
            try transaction.signInLinks.end(key.name, .revoked, at: now)
            guard let row = try transaction.credentials.find(key.provider, subject: key.subject) else { return }
            try transaction.credentials.forget(row.id)
        }
    }
}

extension CredentialKey {
    fileprivate var name: CredentialName { CredentialName(provider: provider, subject: subject) }
}

/// One access token per credential: all mail servers of a provider are one resource.
private let audience = "mail"

extension CredentialsTable {
    fileprivate func kept(_ row: StoredCredential) throws -> KeptCredential {
        // A token that cannot be opened any more is as good as none: a refresh brings another.
        let token = try? accessToken(row.id, audience: audience)
        let grant = KeptGrant(
            refreshTokenExpires: row.refreshTokenExpires,
            accessToken: token.map { AccessToken(secret: $0.token, obtained: $0.obtained, expires: $0.expires) },
            refreshDue: token?.refreshAfter, scopes: row.scopes, identity: SignedInIdentity(row.identity))
        let key = CredentialKey(provider: row.provider, person: row.subject)
        return KeptCredential(key: key, version: row.version, grant: grant, claims: row.claims)
    }
}

extension CredentialsTable where Access == Writing {
    fileprivate func store(
        _ key: CredentialKey, _ grant: KeptGrant, as kind: Provider.Grant, at now: Timestamp
    ) throws -> StoredCredential {
        var generator = SystemRandomNumberGenerator()
        let consent = Consent(
            grant: kind, refreshToken: grant.refreshToken,
            refreshTokenExpires: grant.refreshTokenExpires, scopes: grant.scopes,
            identity: StoredIdentity(grant.identity) ?? StoredIdentity())
        return try store(
            consent, provider: key.provider, subject: key.subject, new: CredentialID(using: &generator), at: now)
    }

    /// Refresh token and access token in one commit: no crash leaves one without the other.
    fileprivate func keep(_ grant: KeptGrant, in row: StoredCredential, at now: Timestamp) throws -> CredentialChange
    {
        guard let token = grant.accessToken else { return .stored(version: row.version) }
        let refreshed = Refreshed(
            accessToken: StoredAccessToken(
                token: token.secret, obtained: token.obtained, expires: token.expires, refreshAfter: grant.refreshDue),
            audience: audience, refreshToken: grant.refreshToken, refreshTokenExpires: grant.refreshTokenExpires,
            scopes: grant.scopes.isEmpty ? nil : grant.scopes, identity: StoredIdentity(grant.identity))
        return try refresh(row.id, ifVersion: row.version, refreshed, at: now)
    }
}

extension SignedInIdentity {
    fileprivate init?(_ stored: StoredIdentity) {
        guard stored != StoredIdentity() else { return nil }
        self.init(
            objectID: stored.objectID, tenantID: stored.tenantID, preferredUsername: stored.userName,
            email: stored.email)
    }
}

extension StoredIdentity {
    fileprivate init?(_ identity: SignedInIdentity?) {
        guard let identity else { return nil }
        self.init(
            objectID: identity.objectID ?? identity.subject, tenantID: identity.tenantID,
            userName: identity.preferredUsername, email: identity.email)
    }
}

extension CredentialState {
    /// `nil` for what passes by itself.
    fileprivate init?(_ retry: Failure.Retry) {
        switch retry {
        case .now, .later: return nil
        case .whenReauthorized: self = .needsAuthorization
        case .whenReconfigured(by: .tenantAdministrator): self = .needsAdmin
        case .whenReconfigured(by: .operatorOfPostbote), .never: self = .misconfigured
        }
    }
}
