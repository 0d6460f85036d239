import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("Importing a refresh token")
struct ImportTests {
    static let account = AccountName("support")!
    // {"preferred_username":"Support@contoso.de"} and {"preferred_username":"admin@contoso.de"}
    static let rightPerson = ",\"id_token\":\"a.eyJwcmVmZXJyZWRfdXNlcm5hbWUiOiJTdXBwb3J0QGNvbnRvc28uZGUifQ.c\""
    static let wrongPerson = ",\"id_token\":\"a.eyJwcmVmZXJyZWRfdXNlcm5hbWUiOiJhZG1pbkBjb250b3NvLmRlIn0.c\""

    private func fixture(_ reply: TokenReply) async throws -> KeeperFixture {
        let fixture = KeeperFixture(provider: ScriptedProvider { _, _ in reply })
        try await fixture.keeper.apply(fixture.settings)
        return fixture
    }

    private func importing(_ fixture: KeeperFixture, _ token: String = "imported") async -> Result<
        ConsentReceipt, Failure
    > {
        do {
            return .success(
                try await fixture.keeper.importRefreshToken(Secret(token), for: Self.account, fixture.signIn))
        } catch let failure as Failure {
            return .failure(failure)
        } catch {
            return .failure(Failure(.daemon, .never, operation: "test", reason: "\(error)"))
        }
    }

    @Test("tries it, stores what came of it, and serves whoever waited")
    func works() async throws {
        let fixture = try await fixture(.token("access", refresh: "rotated", more: Self.rightPerson))
        let receipt = try await importing(fixture).get()
        #expect(receipt.identity?.names == ["Support@contoso.de"])
        #expect(receipt.isLasting)
        #expect(fixture.provider.requests[0]["refresh_token"] == "imported")
        #expect(try await fixture.refreshToken() == "rotated")
        #expect(try await fixture.token() == "access")
        #expect(fixture.provider.requests.count == 1)
        #expect(fixture.recorder.events(.consentStored).count == 1)
    }

    @Test("keeps the imported token where the provider rotates nothing, and says when it does not know who came")
    func nameless() async throws {
        let fixture = try await fixture(.token("access"))
        #expect(try await importing(fixture).get().identity == nil)
        #expect(try await fixture.refreshToken() == "imported")
    }

    @Test("stores nothing when somebody else signed in, and names both")
    func mismatch() async throws {
        let fixture = try await fixture(.token("access", more: Self.wrongPerson))
        guard case .failure(let failure) = await importing(fixture) else { return #expect(Bool(false)) }
        #expect(failure.reason.contains("support@contoso.de") && failure.reason.contains("admin@contoso.de"))
        #expect(failure.retry == .whenReauthorized)
        #expect(try await fixture.refreshToken() == nil)
    }

    @Test("stores nothing when the provider refuses it or cannot be reached")
    func refused() async throws {
        for reply in [RefusalTests.revoked, .json(503, "")] {
            let fixture = try await fixture(reply)
            guard case .failure(let failure) = await importing(fixture) else { return #expect(Bool(false)) }
            #expect(failure.reason.hasPrefix("Nothing was stored."))
            #expect(failure.operation == "import refresh token")
            #expect(try await fixture.refreshToken() == nil)
        }
    }

    @Test(
        "refuses what cannot be a token without asking the provider", arguments: ["", "a b", "a\nb", "ä", "a\u{0}b"])
    func noToken(_ text: String) async throws {
        let fixture = try await fixture(.token("access"))
        guard case .failure(let failure) = await importing(fixture, text) else { return #expect(Bool(false)) }
        #expect(failure.retry == .never)
        #expect(fixture.provider.requests.isEmpty)
    }

    @Test("wins over a slow refresh of the old token")
    func overtakes() async throws {
        let door = Gate()
        let provider = ScriptedProvider { request, _ in
            guard request["refresh_token"] == "refresh-0" else { return .token("new", refresh: "new-refresh") }
            try await door.passed()
            return .token("slow", refresh: "slow-refresh")
        }
        let fixture = try await KeeperFixture.consented(provider: provider)
        let slow = Task { try await fixture.token() }
        try await provider.requests(atLeast: 1)
        _ = try await importing(fixture).get()
        #expect(try await slow.value == "new")
        door.open()
        #expect(try await fixture.token() == "new")
        #expect(try await fixture.refreshToken() == "new-refresh")
    }

    @Test("wins over a slow refresh that is just being stored")
    func overtakesAtTheCommit() async throws {
        let provider = ScriptedProvider { request, _ in
            request["refresh_token"] == "refresh-0" ? .token("slow", refresh: "slow-refresh") : .token("new")
        }
        let fixture = try await KeeperFixture.consented(provider: provider)
        fixture.vault.door.close()
        let slow = Task { try await fixture.token() }
        try await provider.requests(atLeast: 1)
        _ = try await importing(fixture).get()
        fixture.vault.door.open()
        #expect(try await slow.value == "new")
        #expect(try await fixture.refreshToken() == "imported")
    }

    @Test("a consent that somebody else stored meanwhile is what counts")
    func overtakenFromOutside() async throws {
        let fixture = try await KeeperFixture.consented(
            provider: ScriptedProvider { _, _ in .token("slow", refresh: "r") })
        fixture.vault.door.close()
        let slow = Task { try await fixture.token() }
        try await fixture.provider.requests(atLeast: 1)
        let now = fixture.clock.now
        let token = Authorization.AccessToken(
            secret: Secret("theirs"), obtained: now, expires: now + .seconds(3600))
        let theirs = KeptGrant(refreshToken: Secret("theirs"), accessToken: token, refreshDue: now + .seconds(3000))
        _ = try await fixture.vault.keepConsent(fixture.settings.consentKeys[0], theirs, by: nil)
        fixture.vault.door.open()
        #expect(try await slow.value == "theirs")
        #expect(try await fixture.refreshToken() == "theirs")
    }

    @Test("ends the parking of the credential")
    func unparks() async throws {
        let fixture = try await KeeperFixture.consented()
        fixture.provider.answers(RefusalTests.revoked)
        _ = await fixture.failure()
        fixture.provider.answers(.token("access"))
        _ = try await importing(fixture).get()
        #expect(try await fixture.token() == "access")
        #expect(try await fixture.keeper.status(of: fixture.signIn)?.state == .ok)
    }

    @Test("is not for apps and passwords", arguments: [Provider.Grant.clientCredentials, .password])
    func otherGrants(_ grant: Provider.Grant) async throws {
        let fixture = KeeperFixture(.oneAccount { $0.grant = grant })
        try await fixture.keeper.apply(fixture.settings)
        guard case .failure(let failure) = await importing(fixture) else { return #expect(Bool(false)) }
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
    }

    @Test("forgetting it leaves nothing")
    func forget() async throws {
        let fixture = try await KeeperFixture.consented()
        _ = try await fixture.token()
        try await fixture.keeper.forget(fixture.signIn)
        #expect(await fixture.failure()?.retry == .whenReauthorized)
        #expect(try await fixture.refreshToken() == nil)
    }
}
