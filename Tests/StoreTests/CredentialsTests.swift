import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

@Suite("Credentials")
struct CredentialsTests {
    let temporary: TemporaryStore
    var store: Store { temporary.store }
    let credential: StoredCredential

    init() async throws {
        temporary = try TemporaryStore()
        credential = try await Self.consent(
            temporary.store, "anna@contoso.de", refreshToken: "planted-refresh-1", seed: 1)
    }

    private static func consent(
        _ store: Store, _ subject: String, refreshToken: String, seed: UInt64
    ) async throws -> StoredCredential {
        var generator = RepeatableGenerator(state: seed << 32)
        let id = CredentialID(using: &generator)
        return try await store.write { transaction in
            try transaction.credentials.store(
                Consent(
                    grant: .authorizationCode, refreshToken: Secret(refreshToken), scopes: ["imap", "smtp"],
                    identity: StoredIdentity(objectID: "oid", tenantID: "tid", userName: subject)),
                provider: .contoso, subject: subject, new: id, at: .epoch)
        }
    }

    private func refreshed(_ access: String, _ refresh: String? = nil) -> Refreshed {
        Refreshed(
            accessToken: StoredAccessToken(
                token: Secret(access), obtained: .epoch, expires: .epoch + .seconds(3600),
                refreshAfter: .epoch + .seconds(1800)),
            audience: "https://outlook.office.com", refreshToken: refresh.map { Secret($0) })
    }

    private func refresh(_ version: Int64, _ refreshed: Refreshed) async throws -> CredentialChange {
        try await store.write { [id = credential.id] in
            try $0.credentials.refresh(id, ifVersion: version, refreshed, at: .epoch + .seconds(1))
        }
    }

    private func tokens() async throws -> (refresh: String?, access: String?) {
        try await store.read { [id = credential.id] transaction in
            let access = try transaction.credentials.accessToken(id, audience: "https://outlook.office.com")
            return (try transaction.credentials.refreshToken(id)?.reveal(), access?.token.reveal())
        }
    }

    @Test("A credential is found by whom it belongs to, whatever the case")
    func found() async throws {
        let found = try await store.read { try $0.credentials.find(.contoso, subject: "Anna@Contoso.de") }
        #expect(found == credential)
        #expect(found?.scopes == ["imap", "smtp"])
        #expect(found?.identity.tenantID == "tid")
        #expect(found?.state == .valid)
        #expect(try await store.read { try $0.credentials.all() } == [credential])
    }

    @Test("A refresh stores the rotated refresh token and the access token together")
    func rotated() async throws {
        #expect(try await refresh(1, refreshed("access-1", "planted-refresh-2")) == .stored(version: 2))
        #expect(try await tokens() == ("planted-refresh-2", "access-1"))
        #expect(try await refresh(2, refreshed("access-2")) == .stored(version: 3))
        #expect(try await tokens() == ("planted-refresh-2", "access-2"))
        let stored = try await store.read { [id = credential.id] in try $0.credentials.find(id) }
        #expect(stored?.lastUsed == .epoch + .seconds(1))
    }

    @Test("A result computed from an older version is dropped")
    func stale() async throws {
        _ = try await Self.consent(store, "anna@contoso.de", refreshToken: "planted-new-consent", seed: 2)
        #expect(try await refresh(1, refreshed("access-1", "planted-refresh-2")) == .stale)
        #expect(try await tokens() == ("planted-new-consent", nil))
        let refused = try await store.write { [id = credential.id] in
            try $0.credentials.setState(id, ifVersion: 1, .needsAuthorization, error: "invalid_grant", at: .epoch)
        }
        #expect(refused == .stale)
    }

    @Test("A new consent keeps the id, heals the state and forgets access tokens of the old one")
    func newConsent() async throws {
        _ = try await refresh(1, refreshed("access-1"))
        let refused = try await store.write { [id = credential.id] in
            try $0.credentials.setState(
                id, ifVersion: 2, .needsAuthorization, error: "invalid_grant", claims: "{}", at: .epoch)
        }
        #expect(refused == .stored(version: 3))
        let before = try await store.read { [id = credential.id] in try $0.credentials.find(id) }
        #expect(before?.state == .needsAuthorization)
        #expect(before?.lastError == "invalid_grant")
        #expect(before?.claims == "{}")
        let again = try await Self.consent(store, "anna@contoso.de", refreshToken: "planted-3", seed: 3)
        #expect(again.id == credential.id)
        #expect(again.state == .valid)
        #expect(again.version == 4)
        #expect(again.lastError == nil)
        #expect(try await tokens() == ("planted-3", nil))
    }

    @Test("A secret copied onto another credential or field does not open")
    func swapped() async throws {
        _ = try await refresh(1, refreshed("access-1"))
        let other = try await Self.consent(store, "berta@contoso.de", refreshToken: "planted-berta", seed: 4)
        await RawHandle(store).execute(
            """
            UPDATE credentials SET refresh_token = (SELECT refresh_token FROM credentials WHERE id = '\(other.id)')
            WHERE id = '\(credential.id)';
            UPDATE access_tokens SET token = (SELECT refresh_token FROM credentials WHERE id = '\(other.id)')
            """)
        await #expect(throws: Failure.self) { try await tokens() }
        await #expect(throws: Failure.self) {
            try await store.read { [id = credential.id] in
                try $0.credentials.accessToken(id, audience: "https://outlook.office.com")
            }
        }
        let intact = try await store.read { try $0.credentials.refreshToken(other.id)?.reveal() }
        #expect(intact == "planted-berta")
    }

    @Test("No secret stands in the files, in clear or under another one's nonce")
    func sealed() async throws {
        _ = try await refresh(1, refreshed("planted-access", "planted-refresh-2"))
        for file in ["postbote.db", "postbote.db-wal"] {
            let bytes = try Bytes(of: store.directory + "/" + file)
            #expect(!bytes.contains("planted"), "\(file)")
        }
        await store.close()
        let bytes = try Bytes(of: store.directory + "/postbote.db")
        #expect(bytes.contains("anna@contoso.de"), "the search finds what is there")
        #expect(!bytes.contains("planted"))
    }

    @Test("A forgotten credential takes its tokens along")
    func forgotten() async throws {
        _ = try await refresh(1, refreshed("access-1"))
        try await store.write { [id = credential.id] in try $0.credentials.forget(id) }
        #expect(try await tokens() == (nil, nil))
        #expect(try await RawHandle(store).integer("SELECT count(*) FROM access_tokens") == 0)
    }
}

/// A whole file, to search in.
struct Bytes {
    private let text: [UInt8]

    init(of path: String) throws {
        let descriptor = open(path, O_RDONLY)
        try #require(descriptor >= 0, "\(path)")
        defer { close(descriptor) }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while case let count = Glibc.read(descriptor, &chunk, chunk.count), count > 0 { all += chunk.prefix(count) }
        text = all
    }

    func contains(_ word: String) -> Bool {
        let word = Array(word.utf8)
        return text.indices.contains { text[$0] == word[0] && text[$0...].starts(with: word) }
    }
}
