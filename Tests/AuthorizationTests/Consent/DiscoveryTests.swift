import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("A provider of which only the issuer is written")
struct DiscoveryTests {
    private static let name = ProviderName("contoso")!

    /// - Parameter path: of the issuer, behind the server's address.
    private func start(
        _ path: String? = nil, accounts: [String] = ["support"], dialect: AuthorizationOptions.Dialect = .entra,
        provider change: (inout Provider) -> Void = { _ in }
    ) async throws -> RealProvider {
        var options = AuthorizationOptions()
        options.dialect = dialect
        let clock = TestClock()
        options.clock = clock
        let server = try await AuthorizationServer.start(options)
        let real = try await RealProvider.start(
            accounts: accounts, server: server, clock: clock,
            provider: { provider in
                provider.preset = .generic
                provider.issuer = path.map { server.address + $0 } ?? server.issuerURL
                provider.tokenURL = nil
                provider.deviceURL = nil
                change(&provider)
            })
        try await real.keeper.apply(real.settings)
        return real
    }

    private func lookups(_ real: RealProvider) -> Int { real.server.records.count { $0.endpoint == .discovery } }

    @Test(
        "is asked when a token is needed, not before, and once for all; Entra's template and Google's root are theirs",
        arguments: [
            (nil, .entra), ("/common/v2.0", .entra), ("/organizations/v2.0", .entra), ("", .google), ("/", .google),
        ] as [(String?, AuthorizationOptions.Dialect)])
    func found(path: String?, dialect: AuthorizationOptions.Dialect) async throws {
        // Google's issuer has no slash at its end: written with one it is another.
        let isOther = path == "/"
        let real = try await start(path, accounts: ["support", "info"], dialect: dialect)
        #expect(real.server.records.isEmpty)
        guard !isOther else {
            let failure = await #expect(throws: Failure.self) { try await real.authorize() }
            #expect(failure?.reason.contains("they must be the same, letter by letter") == true)
            return await real.stop()
        }
        try await real.authorize("support")
        try await real.authorize("info")
        real.clock.advance(by: .seconds(3700))
        _ = try await real.token("support")
        #expect(lookups(real) == 1)
        real.server.signIn(as: "support@contoso.de")
        let request = try await real.keeper.beginAuthorization(for: real.signIn(), backBy: .loopback(port: 8400))
        #expect(request.url.hasPrefix(real.server.address))
        #expect(try await real.server.browse(request.url)?.contains("code=") == true)
        #expect(lookups(real) == 1)
        // The next day.
        real.clock.advance(by: .seconds(86400))
        _ = try await real.token("support")
        #expect(lookups(real) == 2)
        await real.stop()
    }

    @Test("is asked where OAuth 2.0 has its documents, too, when there is none of OpenID Connect")
    func oauth() async throws {
        let real = try await start()
        real.server.answerNext(.answer(HTTPAnswer(404)), at: .discovery)
        try await real.authorize()
        #expect(lookups(real) == 2)
        await real.stop()
    }

    @Test("is not asked for what the configuration says, which wins")
    func written() async throws {
        let real = try await start("/nowhere", provider: { _ in })
        var settings = real.settings
        settings.providers[Self.name]?.tokenURL = real.server.tokenURL
        try await real.keeper.apply(settings)
        try await real.authorize()
        #expect(lookups(real) == 0)
        await real.stop()
    }

    struct Trouble: Sendable, CustomTestStringConvertible {
        var name: String
        var answer: @Sendable (AuthorizationServer) -> HTTPAnswer
        var retry: Failure.Retry
        var says: String
        var testDescription: String { name }
    }

    private static func json(_ change: @escaping @Sendable (inout [String: JSONValue]) -> Void)
        -> @Sendable (AuthorizationServer) -> HTTPAnswer
    {
        { server in
            var members: [String: JSONValue] = [
                "issuer": .text(server.issuerURL), "token_endpoint": .text(server.tokenURL),
            ]
            change(&members)
            return .json(.object(members))
        }
    }

    private static let operatorActs = Failure.Retry.whenReconfigured(by: .operatorOfPostbote)

    @Test(
        "that publishes nothing that can be used is a clear failure, told once, and tried again where that helps",
        arguments: [
            Trouble(
                name: "there is none", answer: { _ in HTTPAnswer(404) }, retry: operatorActs,
                says: "There is no document about the issuer at "),
            Trouble(
                name: "in trouble", answer: { _ in HTTPAnswer(503) }, retry: .later(after: nil), says: "(HTTP 503)"),
            Trouble(
                name: "elsewhere", answer: { _ in HTTPAnswer(302, headers: [("Location", "https://x.test/")]) },
                retry: operatorActs, says: "(HTTP 302)"),
            Trouble(
                name: "a page", answer: { _ in HTTPAnswer(200, body: Array("<html>Welcome</html>".utf8)) },
                retry: .later(after: nil), says: "whether a proxy answers in its place"),
            Trouble(
                name: "another issuer", answer: json { $0["issuer"] = "https://evil.test/v2.0" }, retry: operatorActs,
                says: "is about the issuer https://evil.test/v2.0"),
            Trouble(
                name: "one in other letters",
                answer: { server in json { $0["issuer"] = .text(server.issuerURL.uppercased()) }(server) },
                retry: operatorActs, says: "letter by letter"),
            Trouble(
                name: "another tenant's template", answer: json { $0["issuer"] = "http://evil.test/{tenantid}/v2.0" },
                retry: operatorActs, says: "letter by letter"),
            Trouble(
                name: "an endpoint in clear", answer: json { $0["token_endpoint"] = "http://login.test/token" },
                retry: operatorActs, says: "names a token_endpoint that is no https address"),
            Trouble(
                name: "no token endpoint", answer: json { $0["token_endpoint"] = nil }, retry: operatorActs,
                says: "has no token_url. Its issuer names none, either"),
        ])
    func trouble(_ trouble: Trouble) async throws {
        let real = try await start(provider: { provider in
            provider.grant = .clientCredentials
            provider.clientID = RegisteredClient.confidentialClient.identifier
            provider.authentication = .secret(RegisteredClient.confidentialClient.secrets[0].value)
            provider.scopes = ["https://outlook.office365.com/.default"]
        })
        real.server.answerNext(.answer(trouble.answer(real.server)), times: 2, at: .discovery)
        let failure = try #require(await real.failure())
        #expect(failure.retry == trouble.retry || (failure.retry.word == "later" && trouble.retry.word == "later"))
        #expect(failure.reason.contains(trouble.says), "\(failure.reason)")
        #expect(failure.place["provider"] == "contoso")
        #expect(real.server.records.allSatisfy { $0.endpoint == .discovery })
        let asked = lookups(real)
        _ = await real.failure()
        #expect(lookups(real) == asked, "not asked again at once")
        // Somebody puts it right and says so.
        real.server.clearFaults()
        try await real.keeper.apply(real.settings)
        _ = try await real.token()
        await real.stop()
    }

    @Test(
        "that moves its token endpoint is asked anew when the old one is gone; while it is away the old ones are used"
    )
    func moves() async throws {
        let real = try await start()
        try await real.authorize()
        real.clock.advance(by: .seconds(3700))
        real.server.answerNext(.answer(HTTPAnswer(404)))
        #expect(await real.failure() != nil)
        #expect(lookups(real) == 1)
        real.clock.advance(by: .seconds(400))
        try await real.keeper.retryNow(real.signIn())
        _ = try await real.token()
        #expect(lookups(real) == 2)
        real.clock.advance(by: .seconds(90000))
        real.server.answerNext(.answer(HTTPAnswer(503)), times: 9, at: .discovery)
        _ = try await real.token()
        await real.stop()
    }
}
