import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("Signing in by device code")
struct DeviceTests {
    static let code = TokenReply.json(
        200,
        """
        {"device_code":"d3v1ce","user_code":"ABCD-1234","verification_uri":"https://microsoft.com/devicelogin",
         "expires_in":900,"interval":5,"message":"Open the page\\u001b and enter ABCD-1234"}
        """)
    static let pending = TokenReply.refusal("authorization_pending")

    /// The steps of a sign-in whose polls are answered so, with the moments of the polls.
    private func run(_ polls: [TokenReply], code: TokenReply = code) async throws -> (
        steps: [DeviceStep], polls: [Int64], fixture: KeeperFixture
    ) {
        let provider = ScriptedProvider { request, number in
            guard request["device_code"] != nil else { return code }
            if polls.isEmpty {
                throw Failure(.account, .later(after: nil), operation: "connect", reason: "Nobody answers.")
            }
            return polls[min(number - 2, polls.count - 1)]
        }
        let fixture = KeeperFixture(provider: provider)
        try await fixture.keeper.apply(fixture.settings)
        var steps: [DeviceStep] = []
        var moments: [Int64] = []
        for await step in fixture.keeper.authorizeByDevice(
            for: ImportTests.account, fixture.signIn, language: "de-DE")
        {
            steps.append(step)
            guard case .waiting(let next) = step else { continue }
            moments.append((next - KeeperFixture.start).components.seconds)
            fixture.clock.set(to: next)
        }
        return (steps, moments, fixture)
    }

    @Test("passes on the challenge with which the provider refused the last token")
    func claims() async throws {
        let real = try await RealProvider.start()
        try await real.keeper.apply(real.settings)
        try await real.authorize()
        let challenge = #"{"access_token":{"a":1}}"#
        real.server.answerNext(.refuse(EntraError(50076, "interaction_required", "MFA.", claims: challenge)))
        real.clock.advance(by: .seconds(3700))
        #expect(await real.failure()?.retry == .whenReauthorized)
        // Over a restart, too.
        let again = try await real.restarted()
        for await step in again.keeper.authorizeByDevice(for: ImportTests.account, again.signIn()) {
            if case .prompt(let prompt) = step {
                again.server.approveDevice(userCode: prompt.userCode, as: "support@contoso.de")
            }
            if case .waiting(let next) = step { again.clock.set(to: next) }
        }
        #expect(again.server.records.last?.claims == challenge)
        #expect(await again.failure() == nil)
        await again.stop()
    }

    @Test("shows the code, waits, and stores what the person consented to")
    func works() async throws {
        let (steps, polls, fixture) = try await run(
            [Self.pending, Self.pending, .token("access", refresh: "refresh", more: ImportTests.rightPerson)])
        guard case .prompt(let prompt) = steps.first, case .done(let receipt) = steps.last else {
            return #expect(Bool(false), "\(steps)")
        }
        #expect(prompt.userCode == "ABCD-1234")
        #expect(prompt.verificationURI == "https://microsoft.com/devicelogin")
        #expect(prompt.message == "Open the page  and enter ABCD-1234")
        #expect(prompt.expires == KeeperFixture.start + .seconds(900))
        #expect(receipt.identity?.names == ["Support@contoso.de"])
        #expect(receipt.isLasting)
        #expect(polls == [5, 10, 15])
        #expect(fixture.provider.requests[0].url.hasSuffix("/devicecode?mkt=de-DE"))
        #expect(fixture.provider.requests[0]["scope"]?.contains("offline_access") == true)
        #expect(fixture.provider.requests[1]["device_code"] == "d3v1ce")
        #expect(try await fixture.refreshToken() == "refresh")
        #expect(try await fixture.token() == "access")
    }

    @Test("slows down by 5 s when told so, for good")
    func slowDown() async throws {
        let (_, polls, _) = try await run(
            [Self.pending, .refusal("slow_down"), Self.pending, .refusal("slow_down"), .token("access")])
        #expect(polls == [5, 10, 20, 30, 45])
    }

    @Test("backs off while the network is in trouble, and goes on")
    func trouble() async throws {
        let (steps, polls, _) = try await run([.json(503, ""), .json(503, "", retryAfter: "33"), .token("access")])
        #expect(polls == [5, 15, 48])
        guard case .done = steps.last else { return #expect(Bool(false), "\(steps)") }
    }

    @Test("expires when nobody answers before the code runs out")
    func unreachable() async throws {
        let (steps, polls, _) = try await run([])
        #expect(steps.last == .expired)
        #expect(polls.count < 25)
    }

    @Test(
        "ends with the names of RFC 8628 and of Microsoft",
        arguments: [
            ("access_denied", DeviceStep.declined), ("authorization_declined", .declined),
            ("expired_token", .expired),
        ])
    func ends(_ error: String, _ end: DeviceStep) async throws {
        let (steps, _, fixture) = try await run([Self.pending, .refusal(error)])
        #expect(steps.last == end)
        #expect(try await fixture.refreshToken() == nil)
    }

    @Test(
        "fails with a sentence when the app may not do this", arguments: ["invalid_client", "bad_verification_code"])
    func refused(_ error: String) async throws {
        let (steps, _, _) = try await run([.refusal(error, "AADSTS7000218: x")])
        guard case .failed(let failure) = steps.last else { return #expect(Bool(false), "\(steps)") }
        #expect(failure.reason.contains("Allow public client flows"))
    }

    @Test("fails at once when no code is to be had")
    func noCode() async throws {
        for code in [
            TokenReply.refusal("invalid_client"), .json(200, "{}"), .json(200, "<html>"),
            .json(200, "{\"device_code\":\"d\",\"user_code\":\"u\",\"verification_uri\":\"javascript:alert(1)\"}"),
        ] {
            let (steps, _, _) = try await run([], code: code)
            guard case .failed = steps.last, steps.count == 1 else { return #expect(Bool(false), "\(steps)") }
        }
    }

    @Test("stores nothing when somebody else signed in")
    func wrongPerson() async throws {
        let (steps, _, fixture) = try await run([.token("access", refresh: "r", more: ImportTests.wrongPerson)])
        guard case .failed(let failure) = steps.last else { return #expect(Bool(false), "\(steps)") }
        #expect(failure.reason.contains("admin@contoso.de"))
        #expect(try await fixture.refreshToken() == nil)
    }

    @Test("is broken off when nobody listens any more")
    func cancelled() async throws {
        let fixture = KeeperFixture(provider: ScriptedProvider { _, _ in Self.code })
        try await fixture.keeper.apply(fixture.settings)
        for await step in fixture.keeper.authorizeByDevice(for: ImportTests.account, fixture.signIn) {
            if case .waiting = step { break }
        }
        fixture.clock.advance(by: .seconds(100))
        #expect(fixture.provider.requests.count == 1)
    }

    @Test("is not possible for Google's mail, and says what is")
    func google() async throws {
        let fixture = KeeperFixture(
            .oneAccount {
                $0.preset = .gmail
                $0.deviceURL = nil
            })
        try await fixture.keeper.apply(fixture.settings)
        var last: DeviceStep?
        for await step in fixture.keeper.authorizeByDevice(for: ImportTests.account, fixture.signIn) { last = step }
        guard case .failed(let failure) = last else { return #expect(Bool(false)) }
        #expect(failure.reason.contains("--browser"))
    }

    @Test("proves the app anew at each poll, and with the second secret where the first is refused")
    func secondProof() async throws {
        let provider = ScriptedProvider { request, number in
            if request["client_secret"] == "dead" {
                return .refusal("invalid_client", status: 401, "AADSTS7000222: no")
            }
            guard request["device_code"] != nil else { return Self.code }
            return number < 6
                ? Self.pending
                : .json(
                    200,
                    "{\"token_type\":\"Bearer\",\"access_token\":\"a\",\"refresh_token\":\"r\",\"expires_in\":3600}")
        }
        let fixture = KeeperFixture(.oneAccount { $0.authentication = .secret("dead", "good") }, provider: provider)
        try await fixture.keeper.apply(fixture.settings)
        var last: DeviceStep?
        for await step in fixture.keeper.authorizeByDevice(for: ImportTests.account, fixture.signIn) {
            last = step
            if case .waiting(let next) = step { fixture.clock.set(to: next) }
        }
        guard case .done = last else {
            Issue.record("it ended with \(String(describing: last))")
            return
        }
        // Each of both requests finds out for itself; from poll to poll it is known.
        #expect(provider.requests.map { $0["client_secret"] } == ["dead", "good", "dead", "good", "good", "good"])
        #expect(
            try await fixture.keeper.clientProofs(of: ProviderName("contoso")!).map(\.state) == [.refused, .inUse])
    }
}
