import Authorization
import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Signing in with a browser")
struct BrowserTests {
    private static let account = AccountName("support")!
    private static let owner = "support@contoso.de"

    private func start(
        _ options: (inout AuthorizationOptions) -> Void = { _ in }, provider: (inout Provider) -> Void = { _ in }
    ) async throws -> RealProvider {
        let real = try await RealProvider.start(options, provider: provider)
        // Only now is its address known.
        var settings = real.settings
        if var provider = settings.providers[ProviderName("contoso")!] {
            provider.authorizeURL = real.server.authorizeURL + (provider.authorizeURL ?? "")
            settings.providers[provider.name] = provider
        }
        try await real.keeper.apply(settings)
        real.server.signIn(as: Self.owner)
        return real
    }

    private func begin(
        _ real: RealProvider, _ way: TokenKeeper.WayBack = .loopback(port: 8400)
    ) async throws -> AuthorizationRequest {
        try await real.keeper.beginAuthorization(for: real.signIn(), backBy: way)
    }

    private func parameters(_ address: String) throws -> [String: String] {
        let query = try #require(address.split(separator: "?", maxSplits: 1).last)
        let pairs = query.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        return Dictionary(pairs.map { ($0[0], $0.count > 1 ? $0[1] : "") }) { first, _ in first }
    }

    private func code(_ real: RealProvider, _ request: AuthorizationRequest) async throws -> Secret {
        let address = try #require(try await real.server.browse(request.url), "no redirect from \(request.url)")
        let code = try #require(try parameters(address)["code"], "\(address)")
        return Secret(code)
    }

    private func finish(
        _ real: RealProvider, _ request: AuthorizationRequest, _ code: Secret
    ) async throws -> Result<ConsentReceipt, Failure> {
        do {
            return .success(
                try await real.keeper.finishAuthorization(request, code: code, for: Self.account, real.signIn()))
        } catch let failure as Failure { return .failure(failure) }
    }

    private func failure(_ result: Result<ConsentReceipt, Failure>) throws -> Failure {
        guard case .failure(let failure) = result else { throw Unexpected() }
        return failure
    }

    private struct Unexpected: Error {}

    @Test(
        "redeems the code and keeps what it brought, for public and confidential apps, at Entra and at Google",
        arguments: [
            (Provider.Preset.microsoft365, RegisteredClient.publicClient), (.microsoft365, .confidentialClient),
            (.gmail, .confidentialClient), (.generic, .publicClient),
        ])
    func works(preset: Provider.Preset, client: RegisteredClient) async throws {
        let real = try await start(
            { $0.dialect = preset == .gmail ? .google : .entra },
            provider: { provider in
                provider = provider.with(preset)
                provider.clientID = client.identifier
                if let secret = client.secrets.first { provider.authentication = .secret(secret.value) }
                // Two resources are consented to, and a token is for one.
                if preset == .microsoft365 { provider.scopes += ["https://graph.microsoft.com/User.Read"] }
            })
        let request = try await begin(real)
        #expect(request.redirectURI == "http://localhost:8400")
        let receipt = try await finish(real, request, try await code(real, request)).get()
        #expect(receipt.identity?.isNamed(Self.owner) == true)
        #expect(receipt.isLasting)
        let first = try await real.token()
        real.clock.advance(by: .seconds(3700))
        #expect(try await real.token() != first)
        #expect(real.recorder.events(.consentStored).count == 1)
        await real.stop()
    }

    @Test("asks a browser that remembers somebody else who it is, and names the owner")
    func asks() async throws {
        let real = try await start()
        real.server.remember(user: "admin@contoso.de")
        let request = try await begin(real)
        #expect(try parameters(request.url)["login_hint"] == "support%40contoso.de")
        let receipt = try await finish(real, request, try await code(real, request)).get()
        #expect(receipt.identity?.isNamed(Self.owner) == true)
        await real.stop()
    }

    @Test("keeps what authorize_url says already, and no more of it than once")
    func configuredQuery() async throws {
        let real = try await start(provider: { $0.authorizeURL = "?prompt=login&domain_hint=contoso.de" })
        let request = try await begin(real)
        #expect(request.url.contains("?prompt=login&domain_hint=contoso.de&client_id="))
        #expect(!request.url.contains("select_account"))
        _ = try await finish(real, request, try await code(real, request)).get()
        await real.stop()
    }

    @Test("stores nothing when somebody else signed in")
    func wrongPerson() async throws {
        let real = try await start()
        real.server.signIn(as: "admin@contoso.de")
        let request = try await begin(real)
        let failure = try failure(try await finish(real, request, try await code(real, request)))
        #expect(failure.reason.contains("admin@contoso.de did"), "\(failure.reason)")
        #expect(await real.failure()?.retry == .whenReauthorized)
        await real.stop()
    }

    @Test("takes nobody for the owner who has the owner's address in an attribute of their own account")
    func claimedAddress() async throws {
        let real = try await start({ $0.claimedEmail = Self.owner })
        real.server.signIn(as: "mallory@elsewhere.example")
        let request = try await begin(real, .console(redirectURI: "http://localhost"))
        let failure = try failure(try await finish(real, request, try await code(real, request)))
        #expect(failure.condition == .wrongPerson && failure.place["signed_in"] == "mallory@elsewhere.example")
        #expect(await real.failure()?.retry == .whenReauthorized)
        await real.stop()
    }

    @Test(
        "begins with no link where people of every tenant could sign in, and says which setting is missing",
        arguments: [
            (.microsoft365, "organizations", nil, false), (.microsoft365, "Common", nil, false),
            (.outlook, "common", nil, false), (.outlook, "consumers", nil, true),
            (.microsoft365, "contoso.onmicrosoft.com", nil, true),
            (
                .microsoft365, "contoso.de", "https://login.microsoftonline.com/Organizations/oauth2/v2.0/authorize",
                false
            ),
            (.generic, nil, "https://login.microsoftonline.us/common/oauth2/v2.0/authorize", false),
            (.generic, nil, "https://login.microsoftonline.us/contoso.us/oauth2/v2.0/authorize", true),
            (.generic, nil, "https://id.example/common/authorize", true),
        ] as [(Provider.Preset, String?, String?, Bool)])
    func tenants(preset: Provider.Preset, tenant: String?, url: String?, isGood: Bool) async throws {
        let real = try await start()
        var settings = real.settings
        var provider = try #require(settings.providers[ProviderName("contoso")!])
        provider.preset = preset
        provider.tenant = tenant
        provider.authorizeURL = url ?? real.server.authorizeURL
        settings.providers[provider.name] = provider
        try await real.keeper.apply(settings)
        let way = TokenKeeper.WayBack.console(redirectURI: "https://post.contoso.de/authorize/callback")
        if isGood {
            _ = try await begin(real, way)
        } else {
            let failure = await #expect(throws: Failure.self) { _ = try await begin(real, way) }
            #expect(failure?.reason.contains("tenant: contoso.onmicrosoft.com") == true)
            #expect(failure?.retry == .whenReconfigured(by: .operatorOfPostbote))
        }
        // Whoever sits at the server sees who signs in.
        _ = try await begin(real)
        await real.stop()
    }

    @Test("takes the same person under another of their names, and nobody else under the right one")
    func samePerson() async throws {
        let real = try await start()
        var signIn = real.signIn()
        signIn.aliases = ["Info@contoso.de"]
        let signInAs = { (user: String) async throws -> ConsentReceipt in
            real.server.signIn(as: user)
            let request = try await real.keeper.beginAuthorization(for: signIn, backBy: .loopback(port: 8400))
            let code = try await self.code(real, request)
            return try await real.keeper.finishAuthorization(request, code: code, for: Self.account, signIn)
        }
        #expect(try await signInAs("info@contoso.de").identity?.isNamed("info@contoso.de") == true)
        let first = try await real.token()
        // The server takes another name for another person.
        await #expect(throws: Failure.self) { _ = try await signInAs(Self.owner) }
        real.server.recreate(user: "info@contoso.de")
        do {
            _ = try await signInAs("info@contoso.de")
            Issue.record("somebody else was taken")
        } catch let failure as Failure {
            #expect(failure.retry == .whenReauthorized)
            #expect(failure.reason.contains("postbote revoke ACCOUNT"))
        }
        #expect(try await real.token() == first)
        #expect(try await real.keeper.revoke(signIn).accounts == [Self.account])
        #expect(await real.failure()?.retry == .whenReauthorized)
        _ = try await signInAs("info@contoso.de")
        #expect(try await real.token() != first)
        await real.stop()
    }

    @Test("stores nothing when the code, or the ID token, is another sign-in's")
    func injected() async throws {
        let real = try await start()
        let (own, other) = (try await begin(real), try await begin(real))
        let swapped = try failure(try await finish(real, own, try await code(real, other)))
        #expect(swapped.retry == .whenReauthorized && swapped.operation == "redeem authorization code")
        await real.stop()
        let foreign = try await start({ $0.foreignNonce = "of-another-sign-in" })
        let request = try await begin(foreign)
        let failure = try failure(try await finish(foreign, request, try await code(foreign, request)))
        #expect(failure.operation == "compare nonce")
        #expect(await foreign.failure()?.retry == .whenReauthorized)
        await foreign.stop()
    }

    @Test("stores nothing when the consent is revoked while the code is being redeemed")
    func revokedMeanwhile() async throws {
        let real = try await start()
        let link = SignInLink.Digest(of: Secret("link"))
        let now = real.clock.now
        try await real.store.store.write { transaction in
            let account = try transaction.accounts.ensure(Self.account, at: now)
            try transaction.signInLinks.add(
                SignInLink(
                    digest: link, account: account,
                    credential: CredentialName(provider: ProviderName("contoso")!, subject: Self.owner), created: now,
                    expires: now + .seconds(3600)))
        }
        let request = try await begin(real, .console(redirectURI: "http://localhost"))
        let code = try await code(real, request)
        let gate = Gate()
        real.server.answerNext(.held(gate))
        let finishing = Task {
            try await real.keeper.finishAuthorization(
                request, code: code, for: Self.account, real.signIn(), by: link)
        }
        try await real.server.records(atLeast: 1) { _ in true }
        _ = try await real.keeper.revoke(real.signIn())
        gate.open()
        let failure = await #expect(throws: Failure.self) { _ = try await finishing.value }
        #expect(failure?.condition == .linkEnded)
        #expect(await real.failure()?.retry == .whenReauthorized)
        #expect(real.recorder.events(.consentStored).isEmpty)
        await real.stop()
    }

    @Test("gives a code to nobody but the provider it came from")
    func changedMeanwhile() async throws {
        let real = try await start()
        let request = try await begin(real)
        let code = try await code(real, request)
        var settings = real.settings
        settings.providers[ProviderName("contoso")!]?.tokenURL = "http://127.0.0.1:1/token"
        try await real.keeper.apply(settings)
        #expect(try failure(try await finish(real, request, code)).reason.contains("changed during the sign-in"))
        await real.stop()
    }

    @Test("passes on the challenge with which the provider refused the last token")
    func claims() async throws {
        let real = try await start()
        try await real.authorize()
        real.server.answerNext(
            .refuse(EntraError(50076, "interaction_required", "MFA.", claims: #"{"access_token":{"a":1}}"#)))
        real.clock.advance(by: .seconds(3700))
        #expect(await real.failure()?.retry == .whenReauthorized)
        #expect(try await begin(real).url.contains("&claims=%7B%22access_token%22"))
        await real.stop()
    }

    @Test(
        "comes back where the provider has it registered",
        arguments: [
            (nil, .loopback(port: 8400), "http://localhost:8400"),
            ("http://localhost/", .loopback(port: 8400), "http://localhost:8400/"),
            ("http://127.0.0.1/back", .loopback(port: 8400), "http://127.0.0.1:8400/back"),
            ("http://localhost:8400/x", .loopback(port: 8400), "http://localhost:8400/x"),
            ("http://localhost:99", .loopback(port: 8400), nil),
            ("https://post.contoso.de/back", .loopback(port: 8400), nil),
            ("http://localhost.evil.example", .loopback(port: 8400), nil),
            (nil, .paste, "https://login.microsoftonline.com/common/oauth2/nativeclient"),
            ("https://post.contoso.de/back", .paste, "https://post.contoso.de/back"),
        ] as [(String?, TokenKeeper.WayBack, String?)])
    func redirectURI(configured: String?, way: TokenKeeper.WayBack, expected: String?) async throws {
        let real = try await start(provider: { $0.redirectURI = configured })
        if let expected {
            #expect(try await begin(real, way).redirectURI == expected)
        } else {
            await #expect(throws: Failure.self) { _ = try await begin(real, way) }
        }
        await real.stop()
    }

    @Test(
        "says in our words why the browser came back without a code",
        arguments: [
            (
                "access_denied", "AADSTS65004: The user declined.\r\nTrace ID: 1", Failure.Retry.whenReauthorized,
                "The user declined. What to do (AADSTS65004"
            ),
            ("access_denied", nil, .whenReauthorized, "refused the request (access_denied). Nothing was stored."),
            ("server_error", nil, .later(after: nil), "Begin again in a while."),
            ("<b>\u{1B}[2J", "\u{1B}[2Jx", .whenReconfigured(by: .operatorOfPostbote), "(unreadable)"),
            ("", nil, .whenReconfigured(by: .operatorOfPostbote), "(unreadable)"),
        ] as [(String, String?, Failure.Retry, String)])
    func refusal(error: String, description: String?, retry: Failure.Retry, reason: String) async throws {
        let real = try await start()
        let failure = real.keeper.refusal(of: try await begin(real), error: error, description: description)
        #expect(failure.retry == retry)
        #expect(failure.reason.contains(reason), "\(failure.reason)")
        #expect(failure.serverLine?.unicodeScalars.contains("\u{1B}") != true)
        await real.stop()
    }
}

extension Provider {
    /// The same with another preset.
    fileprivate func with(_ preset: Preset) -> Provider {
        var provider = self
        provider.preset = preset
        return provider
    }
}
