import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("Refused and failing refreshes")
struct RefusalTests {
    static let revoked = TokenReply.refusal("invalid_grant", "AADSTS50173: revoked", more: ",\"error_codes\":[50173]")

    @Test("a refused credential is parked: everybody gets the same failure, and nobody asks again")
    func parked() async throws {
        let fixture = try await KeeperFixture.consented()
        fixture.provider.answers(Self.revoked)
        for _ in 0..<100 {
            let failure = await fixture.failure()
            #expect(failure?.retry == .whenReauthorized)
            #expect(failure?.reason.contains("revoked") == true)
        }
        #expect(fixture.provider.requests.count == 1)
        #expect(fixture.recorder.events(.failure).count == 1)
        let status = try await fixture.keeper.status(of: fixture.signIn)
        #expect(status?.state == .needsAuthorization)
        #expect(status?.next == KeeperFixture.start + .seconds(300))
    }

    @Test("a parked credential is probed after 5, 15 and 60 minutes, then hourly, and comes back by itself")
    func probes() async throws {
        let fixture = try await KeeperFixture.consented()
        fixture.provider.answers(Self.revoked)
        _ = await fixture.failure()
        for (number, minutes) in [5, 15, 60, 120, 180].enumerated() {
            try await fixture.advance(to: .seconds(minutes * 60 - 1), requests: number + 1)
            try await fixture.advance(to: .seconds(minutes * 60), requests: number + 2)
        }
        #expect(fixture.recorder.events(.failure).count == 1)
        fixture.provider.answers(.token("access"))
        try await fixture.advance(to: .seconds(240 * 60), requests: 7)
        #expect(try await fixture.token() == "access")
        #expect(try await fixture.keeper.status(of: fixture.signIn)?.state == .ok)
    }

    @Test("a parked credential is tried at once on reload and when doctor asks")
    func mended() async throws {
        let fixture = try await KeeperFixture.consented()
        fixture.provider.answers(Self.revoked)
        _ = await fixture.failure()
        try await fixture.keeper.apply(fixture.settings)
        try await fixture.provider.requests(atLeast: 2)
        try await fixture.rest()
        fixture.provider.answers(.token("access"))
        try await fixture.keeper.retryNow(fixture.signIn)
        #expect(try await fixture.token() == "access")
        #expect(fixture.provider.requests.count == 3)
    }

    @Test("a valid token is used to its end, although its refresh was refused")
    func oldTokenStays() async throws {
        let token = Authorization.AccessToken(
            secret: Secret("old"), obtained: KeeperFixture.start, expires: KeeperFixture.start + .seconds(3600))
        let fixture = try await KeeperFixture.consented(token: token, due: KeeperFixture.start + .seconds(3000))
        fixture.provider.answers(Self.revoked)
        try await fixture.advance(to: .seconds(3000), requests: 1)
        #expect(try await fixture.token() == "old")
        fixture.clock.set(to: KeeperFixture.start + .seconds(3580))
        #expect(await fixture.failure()?.retry == .whenReauthorized)
    }

    @Test("while the provider is in trouble the old token goes on, and refreshing backs off")
    func trouble() async throws {
        let token = Authorization.AccessToken(
            secret: Secret("old"), obtained: KeeperFixture.start, expires: KeeperFixture.start + .seconds(3600))
        let fixture = try await KeeperFixture.consented(token: token, due: KeeperFixture.start + .seconds(3000))
        fixture.provider.answers { _, _ in
            throw Failure(.account, .later(after: nil), operation: "connect", reason: "Nobody answers.")
        }
        try await fixture.advance(to: .seconds(3000), requests: 1)
        for (number, wait) in [10, 20, 40, 80].enumerated() {
            #expect(try await fixture.token() == "old")
            let next = try #require(try await fixture.keeper.status(of: fixture.signIn)?.next)
            #expect(abs((next - fixture.clock.now).components.seconds - Int64(wait)) <= 1)
            fixture.clock.set(to: next)
            try await fixture.provider.requests(atLeast: number + 2)
            try await fixture.rest()
        }
        fixture.clock.set(to: KeeperFixture.start + .seconds(3590))
        let failure = await fixture.failure()
        guard case .later(let wait?) = failure?.retry else { return #expect(Bool(false), "\(failure as Any)") }
        #expect(wait > .zero && wait <= .seconds(330))
        #expect(failure?.reason == "Nobody answers.")
        // Told once, not at each repetition.
        #expect(fixture.recorder.events(.failure).count == 1)
    }

    @Test("Retry-After is honoured, as seconds and as a moment")
    func retryAfter() async throws {
        let fixture = try await KeeperFixture.consented()
        fixture.provider.answers(.json(429, "", retryAfter: "700"))
        let failure = await fixture.failure()
        guard case .later(let wait?) = failure?.retry else { return #expect(Bool(false), "\(failure as Any)") }
        #expect(wait >= .seconds(700) && wait <= .seconds(770))
        for _ in 0..<20 { _ = await fixture.failure() }
        #expect(fixture.provider.requests.count == 1)
        fixture.provider.answers(.token("access"))
        fixture.clock.advance(by: .seconds(770))
        #expect(try await fixture.token() == "access")
    }

    @Test("a provider that hangs does not delay another one")
    func otherProvider() async throws {
        let never = Gate()
        var settings = Settings.accounts((0..<40).map { "a\($0)" })
        settings.add(provider: "fabrikam")
        settings.add(account: "quick", of: "fabrikam")
        let fixture = try await KeeperFixture.consented(
            settings,
            provider: ScriptedProvider { request, _ in
                if request.url.contains("contoso") { try await never.passed() }
                return .token("access")
            })
        let hanging = (0..<40).map { index in Task { await fixture.failure("a\(index)") } }
        try await fixture.provider.requests(atLeast: 16)
        #expect(try await fixture.token("quick") == "access")
        never.open()
        for task in hanging { _ = await task.value }
    }

    @Test("at most 16 requests run at one provider at a time, and all get their turn")
    func paced() async throws {
        struct Load: Sendable {
            var now = 0
            var peak = 0
        }
        let load = Watched(Load())
        let settings = Settings.accounts((0..<200).map { "a\($0)" })
        let provider = ScriptedProvider { _, _ in
            load.update {
                $0.now += 1
                $0.peak = max($0.peak, $0.now)
            }
            await Task.yield()
            load.update { $0.now -= 1 }
            return .token("access")
        }
        let fixture = try await KeeperFixture.consented(settings, provider: provider)
        for account in settings.accounts.keys { #expect(try await fixture.token(account.text) == "access") }
        #expect(load.value.peak <= 16)
        #expect(provider.requests.count == 200)
    }

    @Test("a clock that is set forward refreshes, one that is set back does not stop anything")
    func clockJumps() async throws {
        let fixture = try await KeeperFixture.consented()
        #expect(try await fixture.token() == "access-1")
        fixture.clock.set(to: KeeperFixture.start + .seconds(86400 * 365))
        #expect(try await fixture.token() == "access-2")
        fixture.clock.set(to: KeeperFixture.start)
        // Nobody knows how old the token is now.
        #expect(try await fixture.token() == "access-3")
        fixture.provider.answers(.json(503, ""))
        fixture.clock.set(to: KeeperFixture.start + .seconds(4000))
        _ = await fixture.failure()
        fixture.provider.answers(.token("access"))
        fixture.clock.set(to: KeeperFixture.start - .seconds(86400 * 365))
        #expect(try await fixture.token() == "access")
    }
}

extension KeeperFixture {
    /// Moves to `offset` from the start; the requests until then are `requests` in all.
    func advance(to offset: Duration, requests: Int) async throws {
        clock.set(to: KeeperFixture.start + offset)
        try await provider.requests(atLeast: requests)
        try await rest()
        #expect(provider.requests.count == requests, "at \(offset)")
    }

    /// Waits until nothing is on its way.
    func rest(_ account: String = "support") async throws {
        while try await keeper.status(of: signIn(account))?.isRefreshing == true { await Task.yield() }
    }
}
