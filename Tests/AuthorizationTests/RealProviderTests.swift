import Authorization
import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

/// Over real HTTP, with a real database, at a server that refuses what Entra refuses.
@Suite("At an authorization server")
struct RealProviderTests {
    @Test("an imported refresh token is tried, stored, and refreshed for as long as the daemon lives")
    func lives() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        let receipt = try await real.authorize()
        #expect(receipt.identity?.isNamed("support@contoso.de") == true)
        var seen: Set<String> = [try await real.token()]
        for _ in 0..<5 {
            real.clock.advance(by: .seconds(3700))
            seen.insert(try await real.token())
        }
        #expect(seen.count == 6)
        #expect(real.server.refreshes(of: "support@contoso.de") == 6)
        #expect(real.server.mostConcurrent(of: "support@contoso.de") == 1)
        await real.stop()
    }

    @Test("1,000 callers are one request")
    func singleFlight() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        real.clock.advance(by: .seconds(4000))
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<1000 { group.addTask { try await real.token() } }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(tokens.count == 1)
        #expect(real.server.refreshes(of: "support@contoso.de") == 2)
        await real.stop()
    }

    @Test("under strict rotation no refresh token is used twice, across restarts, too")
    func strictRotation() async throws {
        var real = try await RealProvider.start { $0.rotation = .strict }
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        for _ in 0..<4 {
            real.clock.advance(by: .seconds(3700))
            _ = try await real.token()
            real = try await real.restarted()
            _ = try await real.token()
        }
        #expect(real.server.refreshes(of: "support@contoso.de") == 5)
        await real.stop()
    }

    @Test("under strict rotation a restart during a refresh loses nothing, and asks for nothing twice")
    func restartDuringARefresh() async throws {
        let real = try await RealProvider.start { $0.rotation = .strict }
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        real.clock.advance(by: .seconds(3700))
        let gate = Gate()
        real.server.answerNext(.held(gate))
        let waiting = Task { try await real.token() }
        try await real.server.records(atLeast: 2) { _ in true }
        let restarting = Task { try await real.restarted() }
        await #expect(throws: CancellationError.self) { try await waiting.value }
        gate.open()
        let again = try await restarting.value
        _ = try await again.token()
        #expect(real.server.records.map(\.outcome) == [.granted, .granted])
        await again.stop()
    }

    @Test("a reply that is lost does not lose the consent where the old token stays good")
    func lostReply() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        for fault in [AuthorizationFault.lost, .half, .close, .serverError, .omitting(["access_token"])] {
            real.clock.advance(by: .seconds(4000))
            real.server.answerNext(fault)
            #expect(await real.failure() != nil)
            real.clock.advance(by: .seconds(1200))
            #expect(await real.failure() == nil)
        }
        await real.stop()
    }

    @Test("what the server leaves out is made up for: lifetime, rotation, identity")
    func omissions() async throws {
        let real = try await RealProvider.start { $0.expiresIn = .absent }
        try await real.keeper.apply(real.settings)
        real.server.answerNext(.omitting(["refresh_token", "id_token", "scope", "token_type"]))
        let receipt = try await real.authorize()
        #expect(receipt.identity == nil)
        #expect(receipt.tokenValidUntil == real.clock.now + .seconds(3600))
        real.clock.advance(by: .seconds(4000))
        #expect(await real.failure() == nil)
        await real.stop()
    }

    @Test("a server that is gone means later, and the token in hand is used meanwhile")
    func gone() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        let token = try await real.token()
        await real.server.stop()
        real.clock.advance(by: .seconds(3200))
        #expect(try await real.token() == token)
        real.clock.advance(by: .seconds(600))
        guard case .later = await real.failure()?.retry else { return #expect(Bool(false)) }
        await real.stop()
    }

    @Test("throttling is honoured")
    func throttled() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        real.clock.advance(by: .seconds(4000))
        real.server.answerNext(.throttled(retryAfter: .seconds(600)))
        for _ in 0..<10 { #expect(await real.failure() != nil) }
        #expect(real.server.records.count == 2)
        real.clock.advance(by: .seconds(700))
        #expect(await real.failure() == nil)
        await real.stop()
    }

    @Test("a revoked consent is the owner's affair, and a new sign-in ends it")
    func revoked() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        real.server.revoke(user: "support@contoso.de")
        real.clock.advance(by: .seconds(4000))
        #expect(await real.failure()?.retry == .whenReauthorized)
        try await real.authorize()
        #expect(await real.failure() == nil)
        await real.stop()
    }

    @Test(
        "what Entra refuses about the client is the operator's affair",
        arguments: [
            "unknown client", "secret from a public client", "no secret", "wrong secret", "two resources",
            "unknown tenant",
        ])
    func refusedClient(_ what: String) async throws {
        let secret = RegisteredClient.confidentialClient.secrets[0].value
        let real = try await RealProvider.start(provider: { provider in
            if what != "secret from a public client" {
                provider.clientID = RegisteredClient.confidentialClient.identifier
            }
            switch what {
            case "unknown client": provider.clientID = "00000000-0000-0000-0000-000000000000"
            case "no secret": provider.authentication = .none
            case "wrong secret": provider.authentication = .secret("wrong")
            case "two resources":
                provider.preset = .generic
                provider.authentication = .secret(secret)
                provider.scopes = ["IMAP https://graph.microsoft.com/Mail.Send https://outlook.office.com/SMTP.Send"]
            case "unknown tenant":
                provider.authentication = .secret(secret)
                provider.tokenURL = provider.tokenURL?.replacing("9f4d7c1e", with: "00000000")
            default: provider.authentication = .secret("a-secret")
            }
        })
        try await real.keeper.apply(real.settings)
        do {
            try await real.authorize()
            Issue.record("a refusal was expected")
        } catch {
            let failure = try #require(error as? Failure)
            #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote), "\(failure)")
            #expect(failure.reason.contains("AADSTS"), "\(failure)")
            #expect(!"\(failure) \(failure.fields)".contains(secret))
        }
        await real.stop()
    }

    @Test("a secret full of special characters arrives as it is")
    func specialCharacters() async throws {
        let real = try await RealProvider.start(provider: { provider in
            provider.clientID = RegisteredClient.confidentialClient.identifier
            provider.authentication = .secret(RegisteredClient.confidentialClient.secrets[0].value)
        })
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        #expect(await real.failure() == nil)
        await real.stop()
    }

    @Test("an app's token is one for all accounts, and survives a restart")
    func application() async throws {
        let real = try await RealProvider.start(
            accounts: ["a", "b", "c"],
            provider: { provider in
                provider.grant = .clientCredentials
                provider.clientID = RegisteredClient.confidentialClient.identifier
                provider.authentication = .secret(RegisteredClient.confidentialClient.secrets[0].value)
                provider.scopes = ["https://outlook.office365.com/.default"]
            })
        try await real.keeper.apply(real.settings)
        let tokens = [try await real.token("a"), try await real.token("b"), try await real.token("c")]
        #expect(Set(tokens).count == 1)
        let again = try await real.restarted()
        #expect(try await again.token("a") == tokens[0])
        #expect(real.server.records.count == 1)
        await again.stop()
    }

    @Test("somebody signs in with a device code")
    func device() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        var last: DeviceStep?
        for await step in real.keeper.authorizeByDevice(for: AccountName("support")!, real.signIn()) {
            last = step
            if case .prompt(let prompt) = step {
                real.server.approveDevice(userCode: prompt.userCode, as: "support@contoso.de")
            }
            if case .waiting(let next) = step { real.clock.set(to: next) }
        }
        guard case .done(let receipt) = last else { return #expect(Bool(false), "\(last as Any)") }
        #expect(receipt.identity?.isNamed("support@contoso.de") == true)
        #expect(await real.failure() == nil)
        await real.stop()
    }

    @Test("a consent without a refresh token says so, is used to its end, and then says what was missing")
    func withoutRefreshToken() async throws {
        var real = try await RealProvider.start(provider: { $0.scopes.removeAll { $0 == "offline_access" } })
        try await real.keeper.apply(real.settings)
        var last: DeviceStep?
        for await step in real.keeper.authorizeByDevice(for: AccountName("support")!, real.signIn()) {
            last = step
            if case .prompt(let prompt) = step {
                real.server.approveDevice(userCode: prompt.userCode, as: "support@contoso.de")
            }
            if case .waiting(let next) = step { real.clock.set(to: next) }
        }
        guard case .done(let receipt) = last else { return #expect(Bool(false), "\(last as Any)") }
        #expect(!receipt.isLasting)
        #expect(receipt.warning?.contains("Add offline_access to scopes: of provider contoso") == true)
        let token = try await real.token()
        let end = receipt.tokenValidUntil
        #expect(try await real.keeper.status(of: real.signIn())?.consentExpires == end)
        real = try await real.restarted()
        real.clock.set(to: end - .seconds(599))
        #expect(try await real.token() == token)
        // The refresh that was due finds that there is none to be had.
        while try await real.keeper.status(of: real.signIn())?.failure == nil { await Task.yield() }
        real.clock.set(to: end - .seconds(31))
        #expect(try await real.token() == token)
        for _ in 0..<2 {
            real.clock.set(to: end)
            let failure = await real.failure()
            #expect(failure?.retry == .whenReauthorized)
            #expect(failure?.reason.contains("no refresh token") == true, "\(failure as Any)")
            real = try await real.restarted()
        }
        #expect(real.server.records.count == 2)
        await real.stop()
    }

    @Test("a stranger's refresh token is refused, and a stranger's sign-in stores nothing")
    func strangers() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        await #expect(throws: Failure.self) { try await real.authorize(as: "admin@contoso.de") }
        let foreign = real.server.consent(user: "support@contoso.de", client: .confidentialClient)
        await #expect(throws: Failure.self) {
            try await real.keeper.importRefreshToken(Secret(foreign), for: AccountName("support")!, real.signIn())
        }
        #expect(await real.failure()?.retry == .whenReauthorized)
        await real.stop()
    }
}
