import Authorization
import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Credentials in the database")
struct StoreVaultTests {
    let key = CredentialKey(provider: ProviderName("contoso")!, person: "Anna@contoso.de")
    let app = CredentialKey(application: ProviderName("contoso")!)
    let clock = TestClock()

    private func grant(_ access: String, refresh: String?) -> KeptGrant {
        KeptGrant(
            refreshToken: refresh.map { Secret($0) },
            accessToken: Authorization.AccessToken(
                secret: Secret(access), obtained: clock.now, expires: clock.now + .seconds(3600)),
            refreshDue: clock.now + .seconds(3000), scopes: ["a", "b"],
            identity: SignedInIdentity(objectID: "o", tenantID: "t", preferredUsername: "anna@contoso.de"))
    }

    @Test("come back as they were kept, also after the database was closed")
    func roundTrip() async throws {
        let directory = try TemporaryStore.makeDirectory()
        defer { TemporaryStore.remove(directory) }
        try await keepAndClose(directory)
        let store = try Store.open(in: directory)
        let vault = StoreVault(store, clock: clock)
        let kept = try #require(try await vault.credential(key))
        #expect(kept.key == key)
        #expect(kept.grant.refreshToken == Secret("refresh"))
        #expect(kept.grant.accessToken == grant("access", refresh: nil).accessToken)
        #expect(kept.grant.refreshDue == clock.now + .seconds(3000))
        #expect(kept.grant.scopes == ["a", "b"])
        #expect(kept.grant.identity?.names == ["anna@contoso.de"])
        #expect(try await vault.credentials().map(\.key) == [key])
        #expect(try await vault.credentials()[0].grant.refreshToken == nil)
        await store.close()
    }

    /// In a function of its own, so that the store lets go of its lock.
    private func keepAndClose(_ directory: String) async throws {
        let store = try Store.open(in: directory)
        _ = try await StoreVault(store, clock: clock).keepConsent(key, grant("access", refresh: "refresh"), by: nil)
        await store.close()
    }

    @Test("keep the old refresh token when a refresh brings none, and the new one when it does")
    func rotation() async throws {
        let store = try TemporaryStore()
        let vault = StoreVault(store.store, clock: clock)
        _ = try await vault.keepConsent(key, grant("access-1", refresh: "refresh-1"), by: nil)
        var version = try #require(try await vault.credential(key)).version
        #expect(try await vault.keepTokens(key, grant("access-2", refresh: nil), ifVersion: version))
        var kept = try #require(try await vault.credential(key))
        #expect(kept.grant.refreshToken == Secret("refresh-1"))
        #expect(kept.grant.accessToken?.secret == Secret("access-2"))
        #expect(kept.version > version)
        version = kept.version
        #expect(try await vault.keepTokens(key, grant("access-3", refresh: "refresh-3"), ifVersion: version))
        kept = try #require(try await vault.credential(key))
        #expect(kept.grant.refreshToken == Secret("refresh-3"))
        await store.store.close()
    }

    @Test(
        "come by a link only while it is open, and only the one it asks for",
        arguments: [
            ("anna@contoso.de", 60, nil, true), ("bert@contoso.de", 60, nil, false),
            ("anna@contoso.de", 0, nil, false),
            ("anna@contoso.de", 60, .used, false), ("anna@contoso.de", 60, .replaced, false),
            ("anna@contoso.de", 60, .revoked, false), ("anna@contoso.de", 60, .exhausted, false),
        ] as [(String, Int, SignInLink.Ending?, Bool)])
    func link(person: String, seconds: Int, ending: SignInLink.Ending?, isKept: Bool) async throws {
        let store = try TemporaryStore()
        let vault = StoreVault(store.store, clock: clock)
        let now = clock.now
        let asked = CredentialName(provider: key.provider, subject: person)
        let digest = SignInLink.Digest(of: Secret("link"))
        try await store.store.write { transaction in
            let account = try transaction.accounts.ensure(AccountName("support")!, at: now)
            try transaction.signInLinks.add(
                SignInLink(
                    digest: digest, account: account, credential: asked, created: now,
                    expires: now + .seconds(seconds)))
            if let ending { try transaction.signInLinks.end(asked, ending, at: now) }
        }
        let consent = grant("access", refresh: "refresh")
        #expect(try await !vault.keepConsent(key, consent, by: SignInLink.Digest(of: Secret("another"))))
        #expect(try await vault.keepConsent(key, consent, by: digest) == isKept)
        #expect((try await vault.credential(key) != nil) == isKept)
        let state = try await store.store.read { try $0.signInLinks.find(digest)?.ending }
        #expect(state == (isKept ? .used : ending))
        await store.store.close()
    }

    @Test("do not let a slow refresh overwrite a newer consent")
    func stale() async throws {
        let store = try TemporaryStore()
        let vault = StoreVault(store.store, clock: clock)
        _ = try await vault.keepConsent(key, grant("old", refresh: "old"), by: nil)
        let version = try #require(try await vault.credential(key)).version
        _ = try await vault.keepConsent(key, grant("new", refresh: "new"), by: nil)
        #expect(try await !vault.keepTokens(key, grant("slow", refresh: "slow"), ifVersion: version))
        #expect(try await !vault.keepTokens(key, grant("slow", refresh: "slow"), ifVersion: nil))
        try await vault.forget(key)
        #expect(try await !vault.keepTokens(key, grant("slow", refresh: "slow"), ifVersion: version))
        #expect(try await vault.credential(key) == nil)
        await store.store.close()
    }

    @Test("begin with the first token where nobody signs in")
    func application() async throws {
        let store = try TemporaryStore()
        let vault = StoreVault(store.store, clock: clock)
        #expect(try await vault.keepTokens(app, grant("access", refresh: nil), ifVersion: nil))
        let kept = try #require(try await vault.credential(app))
        #expect(kept.key == app)
        #expect(kept.grant.accessToken?.secret == Secret("access"))
        #expect(try await vault.keepTokens(app, grant("access-2", refresh: nil), ifVersion: kept.version))
        await store.store.close()
    }

    @Test("remember why a refresh failed, and do not mind when there is nothing to remember it at")
    func notes() async throws {
        let store = try TemporaryStore()
        let vault = StoreVault(store.store, clock: clock)
        let failure = Failure(.account, .whenReauthorized, operation: "refresh token", reason: "Revoked.")
        try await vault.note(key, failure, claims: "{}")
        _ = try await vault.keepConsent(key, grant("access", refresh: "refresh"), by: nil)
        try await vault.note(key, failure, claims: "{}")
        let row = try await store.store.read { [key] in try $0.credentials.find(key.provider, subject: key.subject) }
        #expect(row?.state == .needsAuthorization)
        #expect(row?.lastError == "Revoked.")
        #expect(row?.claims == "{}")
        await store.store.close()
    }
}
