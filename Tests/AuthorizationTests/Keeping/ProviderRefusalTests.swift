import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("A provider that refuses the app itself")
struct ProviderRefusalTests {
    static let badSecret = TokenReply.refusal(
        "invalid_client", status: 401, "AADSTS7000222: expired", more: ",\"error_codes\":[7000222]")

    private func fixture(accounts: Int) async throws -> KeeperFixture {
        let settings = Settings.accounts((0..<accounts).map { "a\($0)" }) { $0.authentication = .secret("wrong") }
        let provider = ScriptedProvider { _, _ in Self.badSecret }
        let fixture = KeeperFixture(
            settings,
            vault: MemoryVault(
                settings.consentKeys.map {
                    KeptCredential(key: $0, version: 1, grant: KeptGrant(refreshToken: Secret("r")))
                }), provider: provider)
        return fixture
    }

    @Test("is asked by a handful, told once, and the failure is everybody's")
    func once() async throws {
        let fixture = try await fixture(accounts: 300)
        try await fixture.keeper.apply(fixture.settings)
        for name in fixture.settings.accounts.keys {
            let failure = await fixture.failure(name.text)
            #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
            #expect(failure?.reason.contains("client secret has expired") == true)
        }
        // Those that were on their way before the first refusal came back, no more.
        #expect(fixture.provider.requests.count <= 16)
        #expect(fixture.recorder.events(.failure).count == 1)
        #expect(try await fixture.keeper.status(of: fixture.signIn("a0"))?.state == .misconfigured)
    }

    @Test("is probed by one request at a time, and a reload lets all go on")
    func recovery() async throws {
        let fixture = try await fixture(accounts: 100)
        try await fixture.keeper.apply(fixture.settings)
        for name in fixture.settings.accounts.keys { _ = await fixture.failure(name.text) }
        let asked = fixture.provider.requests.count
        fixture.clock.set(to: KeeperFixture.start + .seconds(300))
        try await fixture.provider.requests(atLeast: asked + 1)
        for name in fixture.settings.accounts.keys { _ = await fixture.failure(name.text) }
        #expect(fixture.provider.requests.count == asked + 1)
        fixture.provider.answers(.token("access"))
        try await fixture.keeper.apply(fixture.settings)
        for name in fixture.settings.accounts.keys { #expect(try await settled(fixture, name.text) == "access") }
        #expect(fixture.provider.requests.count == asked + 101)
    }

    @Test("or one person, which is not clear: the others go on, until a second one is refused so")
    func unclear() async throws {
        let settings = Settings.accounts(["a", "b", "c"]) { $0.authentication = .secret("right") }
        let refused = Watched<Set<String>>(["r-a"])
        let provider = ScriptedProvider { request, _ in
            refused.value.contains(request["refresh_token"] ?? "")
                ? .refusal("unauthorized_client", status: 401, "Unauthorized") : .token("access", lifetime: 3600)
        }
        let fixture = KeeperFixture(
            settings,
            vault: MemoryVault(
                settings.consentKeys.map {
                    KeptCredential(
                        key: $0, version: 1, grant: KeptGrant(refreshToken: Secret("r-\($0.subject.prefix(1))")))
                }), provider: provider)
        try await fixture.keeper.apply(settings)
        #expect(await fixture.failure("a")?.reason.contains("consent was given to another app") == true)
        for name in ["b", "c"] { #expect(try await fixture.token(name) == "access") }
        #expect(await fixture.failure("a") != nil)
        let told = fixture.recorder.events(.failure)
        #expect(told.count == 1 && told[0]["CREDENTIAL"] != nil, "\(told)")
        // The next refreshes find nobody accepted.
        refused.update { $0 = ["r-a", "r-b", "r-c"] }
        fixture.clock.advance(by: .seconds(4000))
        for name in ["a", "b", "c"] { #expect(await fixture.failure(name) != nil) }
        let all = fixture.recorder.events(.failure)
        #expect(all.count { $0["CREDENTIAL"] == nil } == 1, "\(all)")
        let asked = provider.requests.count
        for name in ["a", "b", "c"] { #expect(await fixture.failure(name) != nil) }
        #expect(provider.requests.count == asked)
    }

    @Test("the second of two client secrets is tried when the first is refused, and used from then on")
    func twoSecrets() async throws {
        let settings = Settings.oneAccount { $0.authentication = .secret("old-5f2c", "new-77aa") }
        let provider = ScriptedProvider { request, _ in
            request["client_secret"] == "new-77aa" ? .token("access", lifetime: 3600) : Self.badSecret
        }
        let fixture = try await KeeperFixture.consented(settings, provider: provider)
        #expect(try await fixture.token() == "access")
        fixture.clock.advance(by: .seconds(4000))
        #expect(try await fixture.token() == "access")
        #expect(provider.requests.map { $0["client_secret"] } == ["old-5f2c", "new-77aa", "new-77aa"])
        #expect(fixture.recorder.events(.failure).isEmpty)
        let proofs = try await fixture.keeper.clientProofs(of: ProviderName("contoso")!)
        #expect(proofs.map(\.name) == ["client_secrets[0]", "client_secrets[1]"])
        #expect(proofs.map(\.state) == [.refused, .inUse])
        #expect(proofs[0].failure?.serverLine?.contains("AADSTS7000222") == true)
        let told = fixture.recorder.events(.clientProofRefused)
        #expect(told.count == 1, "once, not with each refresh")
        #expect(told.first?.fields.contains(EventField("PROOF", "client_secrets[0]")) == true)
        // What it was is nowhere.
        #expect(!"\(told) \(proofs)".contains("5f2c") && !"\(told) \(proofs)".contains("77aa"))
    }

    @Test("a second secret that is not needed is not touched; one that cannot be read is passed over")
    func spare() async throws {
        let settings = Settings.oneAccount { $0.authentication = .secret("", "good") }
        let fixture = try await KeeperFixture.consented(settings)
        #expect(try await fixture.token() == "access-1")
        #expect(fixture.provider.requests.map { $0["client_secret"] } == ["good"])
        let name = ProviderName("contoso")!
        #expect(try await fixture.keeper.clientProofs(of: name).map(\.state) == [.refused, .inUse])
        // Somebody puts it right: nothing is known of either before they are tried.
        var mended = settings
        mended.providers[name]?.authentication = .secret("right", "good")
        try await fixture.keeper.apply(mended)
        #expect(try await fixture.keeper.clientProofs(of: name).map(\.state) == [.spare, .spare])
        fixture.clock.advance(by: .seconds(4000))
        _ = try await fixture.token()
        #expect(try await fixture.keeper.clientProofs(of: name).map(\.state) == [.inUse, .spare])
        #expect(fixture.provider.requests.map { $0["client_secret"] } == ["good", "right"])
    }

    @Test("a secret that cannot be read just now is passed over, and not dead")
    func notNow() async throws {
        let slow = Failure(.account, .later(after: nil), operation: "run command", reason: "It took too long.")
        let settings = Settings.oneAccount { $0.authentication = .secret("slow", "good") }
        let fixture = KeeperFixture(
            settings,
            vault: MemoryVault(
                settings.consentKeys.map {
                    KeptCredential(key: $0, version: 1, grant: KeptGrant(refreshToken: Secret("refresh-0")))
                })
        ) { source in
            guard case .literal(let literal) = source, literal.secret != Secret("slow") else { throw slow }
            return literal.secret
        }
        try await fixture.keeper.apply(settings)
        #expect(try await fixture.token() == "access-1")
        #expect(fixture.provider.requests.map { $0["client_secret"] } == ["good"])
        #expect(try await fixture.keeper.clientProofs(of: ProviderName("contoso")!).map(\.state) == [.spare, .inUse])
        #expect(fixture.recorder.events(.clientProofRefused).isEmpty)
    }

    @Test("a dead secret beside one that cannot be read just now is not the end: it is tried again")
    func deadAndNotNow() async throws {
        let slow = Failure(.account, .later(after: nil), operation: "run command", reason: "It took too long.")
        let settings = Settings.oneAccount { $0.authentication = .secret("dead", "slow") }
        let fixture = KeeperFixture(
            settings,
            vault: MemoryVault(
                settings.consentKeys.map {
                    KeptCredential(key: $0, version: 1, grant: KeptGrant(refreshToken: Secret("refresh-0")))
                }), provider: ScriptedProvider { _, _ in Self.badSecret }
        ) { source in
            guard case .literal(let literal) = source, literal.secret != Secret("slow") else { throw slow }
            return literal.secret
        }
        try await fixture.keeper.apply(settings)
        let failure = try #require(await fixture.failure())
        guard case .later = failure.retry else {
            Issue.record("\(failure) \(failure.retry)")
            return
        }
        #expect(
            try await fixture.keeper.clientProofs(of: ProviderName("contoso")!).map(\.state) == [.refused, .spare])
    }

    @Test("both secrets refused are everybody's failure, in the first one's words")
    func bothRefused() async throws {
        let settings = Settings.oneAccount { $0.authentication = .secret("old", "new") }
        let provider = ScriptedProvider { request, _ in
            request["client_secret"] == "new"
                ? .refusal("invalid_client", status: 401, "AADSTS7000215: wrong") : Self.badSecret
        }
        let fixture = try await KeeperFixture.consented(settings, provider: provider)
        let failure = try #require(await fixture.failure())
        #expect(failure.serverLine?.contains("AADSTS7000222") == true)
        let proofs = try await fixture.keeper.clientProofs(of: ProviderName("contoso")!)
        #expect(proofs.map(\.state) == [.refused, .refused])
        #expect(fixture.recorder.events(.clientProofRefused).isEmpty)
        #expect(fixture.recorder.events(.failure).count == 1)
    }

    @Test("a secret that is empty is the operator's affair, told once for all accounts")
    func unreadable() async throws {
        let settings = Settings.accounts((0..<50).map { "a\($0)" }) { $0.authentication = .secret("") }
        let fixture = try await KeeperFixture.consented(settings)
        for name in settings.accounts.keys {
            #expect(await fixture.failure(name.text)?.retry == .whenReconfigured(by: .operatorOfPostbote))
        }
        #expect(fixture.provider.requests.isEmpty)
        #expect(fixture.recorder.events(.failure).count == 1)
    }

    @Test("another provider is not touched")
    func others() async throws {
        var settings = Settings.oneAccount { $0.authentication = .secret("wrong") }
        settings.add(provider: "fabrikam")
        settings.add(account: "other", of: "fabrikam")
        let provider = ScriptedProvider { request, _ in
            request.url.contains("contoso") ? Self.badSecret : .token("access")
        }
        let fixture = try await KeeperFixture.consented(settings, provider: provider)
        #expect(await fixture.failure() != nil)
        #expect(try await fixture.token("other") == "access")
    }

    /// The token, once a probe or its turn has brought it.
    private func settled(_ fixture: KeeperFixture, _ account: String) async throws -> String {
        try await fixture.rest(account)
        while await fixture.failure(account) != nil { await Task.yield() }
        return try await fixture.token(account)
    }
}
