import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("Tokens at hand")
struct TokenKeeperTests {
    @Test("1,000 callers at once are one refresh")
    func singleFlight() async throws {
        let door = Gate()
        let provider = ScriptedProvider { _, number in
            try await door.passed()
            return .token("access-\(number)", refresh: "refresh-\(number)")
        }
        let fixture = try await KeeperFixture.consented(provider: provider)
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<1000 { group.addTask { try await fixture.token() } }
            try await provider.requests(atLeast: 1)
            door.open()
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(tokens == ["access-1"])
        #expect(provider.requests.count == 1)
        #expect(try await fixture.refreshToken() == "refresh-1")
    }

    @Test("the request carries the stored refresh token and the scopes of the mail servers")
    func request() async throws {
        let fixture = try await KeeperFixture.consented()
        _ = try await fixture.token()
        let request = try #require(fixture.provider.requests.first)
        #expect(request["grant_type"] == "refresh_token")
        #expect(request["refresh_token"] == "refresh-0")
        #expect(request["client_id"] == "client-of-contoso")
        #expect(request["scope"]?.contains("IMAP.AccessAsUser.All") == true)
        #expect(request["client_secret"] == nil)
    }

    @Test("a token that is valid is handed out again, and refreshed in the background well before its end")
    func background() async throws {
        let fixture = try await KeeperFixture.consented()
        #expect(try await fixture.token() == "access-1")
        // 10 minutes before the end, less half of the spread.
        fixture.clock.advance(by: .seconds(2399))
        #expect(try await fixture.token() == "access-1")
        #expect(fixture.provider.requests.count == 1)
        fixture.clock.advance(by: .seconds(2))
        try await fixture.vault.writes(atLeast: 2)
        #expect(fixture.provider.requests.count == 2)
        #expect(try await settled(fixture) == "access-2")
    }

    @Test("a refresh token that was not rotated stays, and a rotated one replaces it")
    func rotation() async throws {
        let fixture = try await KeeperFixture.consented()
        _ = try await fixture.token()
        #expect(try await fixture.refreshToken() == "refresh-0")
        fixture.provider.answers { _, number in .token("access-\(number)", refresh: "refresh-\(number)") }
        fixture.clock.advance(by: .seconds(4000))
        #expect(try await fixture.token() == "access-2")
        #expect(try await fixture.refreshToken() == "refresh-2")
        fixture.clock.advance(by: .seconds(4000))
        _ = try await fixture.token()
        #expect(fixture.provider.requests.map { $0["refresh_token"] } == ["refresh-0", "refresh-0", "refresh-2"])
    }

    @Test("nobody gets a token before its rotated refresh token is durable")
    func durableFirst() async throws {
        let fixture = try await KeeperFixture.consented()
        fixture.provider.answers { _, _ in .token("access", refresh: "rotated") }
        fixture.vault.door.close()
        let asking = Task { try await fixture.token() }
        try await fixture.provider.requests(atLeast: 1)
        // The reply is there, the write is not: the status shows no token yet.
        #expect(try await fixture.keeper.status(of: fixture.signIn)?.validUntil == nil)
        fixture.vault.door.open()
        #expect(try await asking.value == "access")
        #expect(try await fixture.refreshToken() == "rotated")
    }

    @Test("a crash between reply and commit leaves the old token, which is tried at the next start")
    func crashBeforeCommit() async throws {
        let fixture = try await KeeperFixture.consented()
        fixture.provider.answers { _, number in .token("access-\(number)", refresh: "refresh-\(number)") }
        fixture.vault.door.close()
        let asking = Task { try await fixture.token() }
        try await fixture.provider.requests(atLeast: 1)
        let restarted = KeeperFixture(vault: fixture.vault.copy(), clock: fixture.clock, provider: fixture.provider)
        try await restarted.keeper.apply(restarted.settings)
        #expect(try await restarted.token() == "access-2")
        #expect(fixture.provider.requests[1]["refresh_token"] == "refresh-0")
        asking.cancel()
        fixture.vault.door.open()
    }

    @Test("a token that could not be stored is stored when the disk works again, without asking the provider twice")
    func diskFull() async throws {
        let fixture = try await KeeperFixture.consented()
        fixture.provider.answers { _, number in .token("access-\(number)", refresh: "refresh-\(number)") }
        fixture.vault.state.update {
            $0.failing = Failure(.daemon, .later(after: nil), operation: "commit", reason: "The disk is full.")
        }
        let failure = await fixture.failure()
        #expect(failure?.reason == "The disk is full.")
        fixture.vault.state.update { $0.failing = nil }
        fixture.clock.advance(by: .seconds(60))
        #expect(try await fixture.token() == "access-1")
        #expect(try await fixture.refreshToken() == "refresh-1")
        #expect(fixture.provider.requests.count == 1)
    }

    @Test("a restart fetches no token that is still valid")
    func restart() async throws {
        let settings = Settings.accounts((0..<50).map { "a\($0)" })
        let fixture = try await KeeperFixture.consented(settings)
        for account in settings.accounts.keys { _ = try await fixture.token(account.text) }
        #expect(fixture.provider.requests.count == 50)
        let restarted = KeeperFixture(
            settings, vault: fixture.vault.copy(), clock: fixture.clock, provider: fixture.provider)
        try await restarted.keeper.apply(settings)
        for account in settings.accounts.keys { _ = try await restarted.token(account.text) }
        #expect(fixture.provider.requests.count == 50)
    }

    @Test("one person's consent serves all mailboxes that name it")
    func shared() async throws {
        var settings = Settings.oneAccount()
        for name in ["info", "sales"] {
            settings.add(account: name, of: "contoso", authorizedAs: "Support@contoso.de")
        }
        let fixture = try await KeeperFixture.consented(settings)
        for name in ["support", "info", "sales"] { #expect(try await fixture.token(name) == "access-1") }
        #expect(fixture.provider.requests.count == 1)
    }

    @Test("an app has one token for all accounts, asked for with its secret, and kept over a restart")
    func application() async throws {
        let settings = Settings.accounts(["support", "info"]) { provider in
            provider.grant = .clientCredentials
            provider.authentication = .secret("s3cret")
            provider.scopes = ["https://outlook.office365.com/.default"]
        }
        let fixture = KeeperFixture(settings)
        try await fixture.keeper.apply(settings)
        #expect(fixture.provider.requests.isEmpty)
        for name in ["support", "info"] { #expect(try await fixture.token(name) == "access-1") }
        #expect(fixture.provider.requests.map { $0["client_secret"] } == ["s3cret"])
        await fixture.keeper.shutDown()
        let restarted = KeeperFixture(
            settings, vault: fixture.vault.copy(), clock: fixture.clock, provider: fixture.provider)
        try await restarted.keeper.apply(settings)
        #expect(try await restarted.token() == "access-1")
        fixture.clock.advance(by: .seconds(7200))
        #expect(try await restarted.token() == "access-2")
        #expect(fixture.provider.requests.map { $0["refresh_token"] } == [nil, nil])
    }

    @Test("with the grant password there is no token, only the account's password")
    func password() async throws {
        var settings = Settings.oneAccount { $0.grant = .password }
        let name = AccountName("support")!
        settings.accounts[name]?.receive?.signIn.password = .literal(.init(Secret("hunter2")))
        let fixture = KeeperFixture(settings)
        try await fixture.keeper.apply(settings)
        #expect(try await fixture.keeper.credential(for: fixture.signIn) == .password(Secret("hunter2")))
        #expect(await fixture.failure()?.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(try await fixture.keeper.status(of: fixture.signIn) == nil)
    }

    @Test("an account whose owner never signed in says so, and asks nobody")
    func nobodySignedIn() async throws {
        let fixture = KeeperFixture()
        try await fixture.keeper.apply(fixture.settings)
        let failure = await fixture.failure()
        #expect(failure?.retry == .whenReauthorized)
        #expect(failure?.reason.contains("postbote authorize") == true)
        #expect(try await fixture.keeper.status(of: fixture.signIn)?.state == .needsAuthorization)
        #expect(fixture.provider.requests.isEmpty)
    }

    @Test("a caller that is cancelled goes, and the others get their token")
    func cancelled() async throws {
        let door = Gate()
        let provider = ScriptedProvider { _, _ in
            try await door.passed()
            return .token("access")
        }
        let fixture = try await KeeperFixture.consented(provider: provider)
        let first = Task { try await fixture.token() }
        let second = Task { try await fixture.token() }
        try await provider.requests(atLeast: 1)
        first.cancel()
        await #expect(throws: CancellationError.self) { try await first.value }
        door.open()
        #expect(try await second.value == "access")
    }

    /// The token once the background refresh that was just stored is in force.
    private func settled(_ fixture: KeeperFixture) async throws -> String {
        while try await fixture.keeper.status(of: fixture.signIn)?.isRefreshing == true { await Task.yield() }
        return try await fixture.token()
    }
}
