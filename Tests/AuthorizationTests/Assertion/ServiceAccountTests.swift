import Authorization
import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

/// At a server that checks the assertion and the delegation as Google does.
@Suite("A service account")
struct ServiceAccountTests {
    private static let mail = "https://mail.google.com/"

    private struct Given {
        var pair: ClientKeyPair
        var account: RegisteredServiceAccount
    }

    private func given() async throws -> Given {
        let pair = try await ClientKeyPair.make(days: 36500)
        return Given(
            pair: pair,
            account: RegisteredServiceAccount(
                certificate: pair.certificate, domain: "contoso.de",
                users: ["support@contoso.de", "info@contoso.de"]))
    }

    /// - Parameters:
    ///   - file: changes members of the key file.
    ///   - provider: changes the provider after it was given the file.
    private func start(
        _ given: Given, accounts: [String] = ["support"], registered: [RegisteredServiceAccount]? = nil,
        key: String? = nil, file change: (inout [String: JSONValue]) -> Void = { _ in },
        provider: (inout Provider) -> Void = { _ in }
    ) async throws -> RealProvider {
        var options = AuthorizationOptions()
        options.dialect = .google
        options.serviceAccounts = registered ?? [given.account]
        let clock = TestClock()
        options.clock = clock
        let server = try await AuthorizationServer.start(options)
        let text = given.account.file(key: key ?? given.pair.key, tokenURI: server.tokenURL, change)
        let real = try await RealProvider.start(
            accounts: accounts, server: server, clock: clock,
            provider: { configured in
                configured.preset = .gmail
                configured.grant = .serviceAccount
                configured.clientID = nil
                configured.tokenURL = nil
                configured.deviceURL = nil
                configured.scopes = [Self.mail]
                configured.serviceAccountKey = .literal(.init(Secret(text)))
                provider(&configured)
            })
        try await real.keeper.apply(real.settings)
        return real
    }

    @Test("opens each mailbox with a token of its own, which is kept over a restart and fetched anew when it ends")
    func each() async throws {
        var real = try await start(try await given(), accounts: ["support", "info"])
        var seen: Set<String> = []
        for name in ["support", "info"] {
            let token = try await real.token(name)
            #expect(real.server.options.signer.accepts(token, of: "\(name)@contoso.de", at: real.clock.now))
            seen.insert(token)
        }
        real = try await real.restarted()
        for name in ["support", "info"] { seen.insert(try await real.token(name)) }
        #expect(seen.count == 2)
        #expect(real.server.records.count == 2)
        real.clock.advance(by: .seconds(3700))
        for name in ["support", "info"] { seen.insert(try await real.token(name)) }
        #expect(seen.count == 4)
        #expect(real.server.records.allSatisfy { $0.outcome == .granted })
        #expect(
            real.server.records.compactMap(\.user).sorted() == Array(repeating: "info@contoso.de", count: 2)
                + Array(repeating: "support@contoso.de", count: 2))
        await real.stop()
    }

    @Test("is not what a person's consent is: nobody signs in for it, and nothing is left of it when that is wanted")
    func grantChanges() async throws {
        let real = try await start(try await given())
        _ = try await real.token()
        await #expect(throws: Failure.self) {
            try await real.keeper.beginAuthorization(for: real.signIn(), backBy: .paste)
        }
        var settings = real.settings
        for name in settings.providers.keys { settings.providers[name]?.grant = .authorizationCode }
        for name in settings.providers.keys { settings.providers[name]?.tokenURL = real.server.tokenURL }
        try await real.keeper.apply(settings)
        real.clock.advance(by: .seconds(3700))
        let failure = try #require(await real.failure())
        #expect(failure.retry == .whenReauthorized)
        #expect(failure.reason.hasPrefix("Nobody has signed in"), "\(failure.reason)")
        try await real.keeper.apply(real.settings)
        _ = try await real.token()
        await real.stop()
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var name: String
        var retry: Failure.Retry
        var line: String
        var says: String
        /// Whether the other accounts of the provider meet it without asking.
        var isEverybodys = false
        var user = "support"
        var registered: @Sendable (inout RegisteredServiceAccount) -> Void = { _ in }
        var file: @Sendable (inout [String: JSONValue]) -> Void = { _ in }
        var scopes = [ServiceAccountTests.mail]
        var testDescription: String { name }
    }

    private static let operatorActs = Failure.Retry.whenReconfigured(by: .operatorOfPostbote)
    private static let tenantActs = Failure.Retry.whenReconfigured(by: .tenantAdministrator)

    private static let refusals = [
        Refusal(
            name: "not delegated", retry: tenantActs, line: "unauthorized_client: Client is unauthorized",
            says: "domain-wide delegation", registered: { $0.delegatedScopes = [] }),
        Refusal(
            name: "delegated for another scope", retry: tenantActs, line: "unauthorized_client",
            says: "domain-wide delegation",
            registered: { $0.delegatedScopes = ["https://www.googleapis.com/auth/drive"] }),
        Refusal(
            name: "a user of another domain", retry: tenantActs, line: "unauthorized_client",
            says: "domain-wide delegation", registered: { $0.domain = "fabrikam.com" }),
        Refusal(
            name: "no such user", retry: operatorActs, line: "invalid_grant: Invalid email or User ID",
            says: "check address and login", user: "nobody"),
        Refusal(
            name: "a revoked key", retry: operatorActs, line: "invalid_grant: Invalid JWT Signature.",
            says: "check this machine's clock and key", isEverybodys: true, registered: { $0.keyID = "another" }),
        Refusal(
            name: "a deleted service account", retry: operatorActs,
            line: "invalid_grant: Invalid grant: account not found",
            says: "key of the provider", isEverybodys: true,
            registered: { $0.email = "other@x.iam.gserviceaccount.com" }),
        Refusal(
            name: "no scope", retry: operatorActs, line: "invalid_scope", says: "Check scopes:", isEverybodys: true,
            scopes: []),
    ]

    @Test(
        "is refused as Google refuses: who acts is said, and whether it is everybody's trouble", arguments: refusals)
    func refused(_ refusal: Refusal) async throws {
        let given = try await given()
        var account = given.account
        refusal.registered(&account)
        let real = try await start(
            given, accounts: [refusal.user, "info"], registered: [account], file: refusal.file,
            provider: { $0.scopes = refusal.scopes })
        let failure = try #require(await real.failure(refusal.user))
        #expect(failure.retry == refusal.retry)
        #expect(failure.serverLine?.hasPrefix(refusal.line) == true, "\(failure.serverLine ?? "")")
        #expect(failure.reason.contains(refusal.says), "\(failure.reason)")
        let asked = real.server.records.count
        let other = await real.failure("info")
        #expect((real.server.records.count == asked) == refusal.isEverybodys)
        if refusal.isEverybodys { #expect(other?.reason == failure.reason) }
        await real.stop()
    }

    @Test("is refused while this machine's clock is wrong, and let in once it is right", arguments: [-7200, 7200])
    func clock(offset: Int64) async throws {
        let given = try await given()
        let real = try await start(given)
        let right = real.clock.now
        let wrong = TestClock(now: right + .seconds(offset))
        let skewed = real.keeper(at: wrong)
        try await skewed.apply(real.settings)
        let failure = await #expect(throws: Failure.self) { try await skewed.accessToken(for: real.signIn()) }
        #expect(failure?.serverLine?.contains("Token must be a short-lived token (60 minutes)") == true)
        #expect(failure?.retry == Self.operatorActs)
        wrong.set(to: right)
        try await skewed.retryNow(real.signIn())
        _ = try await skewed.accessToken(for: real.signIn())
        await skewed.shutDown()
        await real.stop()
    }

    enum Bad: CaseIterable {
        case notJSON, client, userFile, noEmail, noKeyID, noTokenURI, plainTokenURI, ellipticKey, damagedKey

        var says: String {
            switch self {
            case .notJSON: "key: is no JSON file"
            case .client: "is the JSON file of an OAuth client"
            case .userFile: "is the JSON file of something else"
            case .noEmail: "key: has no client_email"
            case .noKeyID: "key: has no private_key_id"
            case .noTokenURI: "key: has no token_uri"
            case .plainTokenURI: "token_uri is no https address"
            case .ellipticKey, .damagedKey: "private_key is no RSA key"
            }
        }
    }

    @Test("whose key file cannot be used says why, before anything is sent", arguments: Bad.allCases)
    func unusable(bad: Bad) async throws {
        let given = try await given()
        var key = given.pair.key
        if bad == .ellipticKey {
            key = try await ClientKeyPair.make("ec", ["-nodes", "-pkeyopt", "ec_paramgen_curve:prime256v1"]).key
        }
        if bad == .damagedKey { key = key.replacing("\nM", with: "\nX") }
        let real = try await start(
            given, key: key,
            file: { members in
                switch bad {
                case .client: members = ["installed": .object(["client_id": "x"])]
                case .userFile: members["type"] = "authorized_user"
                case .noEmail: members["client_email"] = nil
                case .noKeyID: members["private_key_id"] = ""
                case .noTokenURI: members["token_uri"] = nil
                case .plainTokenURI: members["token_uri"] = "http://oauth2.example.org/token"
                case .notJSON, .ellipticKey, .damagedKey: break
                }
            },
            provider: { provider in
                if bad == .notJSON { provider.serviceAccountKey = .literal(.init(Secret("{ not JSON"))) }
            })
        let failure = try #require(await real.failure())
        #expect(failure.reason.contains(bad.says), "\(failure.reason)")
        #expect(failure.operation == "sign as service account")
        #expect(failure.retry == Self.operatorActs)
        #expect(!"\(failure)".contains(given.account.email) && !"\(failure)".contains("PRIVATE KEY"))
        #expect(real.server.records.isEmpty)
        await real.stop()
    }
}
