import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

/// At a server that checks signature, thumbprint, audience, times and that no assertion comes twice.
@Suite("Instead of a secret, a certificate")
struct CertificateTests {
    private static let client = "7a0c3f7e-2b61-4f0e-9a55-6d1c0b9e8f01"

    private func start(
        _ pair: ClientKeyPair, grant: Provider.Grant = .authorizationCode, certificate: String? = nil,
        key: String? = nil, _ options: (inout AuthorizationOptions) -> Void = { _ in }
    ) async throws -> RealProvider {
        let real = try await RealProvider.start(
            {
                $0.clients = [
                    RegisteredClient(
                        Self.client, certificate: pair.certificate,
                        applicationPermissions: ["IMAP.AccessAsApp", "SMTP.SendAsApp"])
                ]
                options(&$0)
            },
            provider: { provider in
                provider.clientID = Self.client
                provider.grant = grant
                if grant == .clientCredentials { provider.scopes = ["https://outlook.office365.com/.default"] }
                provider.authentication = .certificates([
                    .init(
                        certificate: .literal(.init(Secret(certificate ?? pair.certificate))),
                        privateKey: .literal(.init(Secret(key ?? pair.key))))
                ])
            })
        try await real.keeper.apply(real.settings)
        return real
    }

    @Test("proves the app that signs in as itself, each time with a new assertion")
    func application() async throws {
        let pair = try await ClientKeyPair.make(days: 36500)
        let real = try await start(pair, grant: .clientCredentials)
        var seen: Set<String> = []
        for _ in 0..<3 {
            seen.insert(try await real.token())
            real.clock.advance(by: .seconds(3700))
        }
        #expect(seen.count == 3)
        #expect(real.server.records.allSatisfy { $0.outcome == .granted })
        await real.stop()
    }

    @Test(
        "proves the app for which a person signed in",
        arguments: [["rsa", "-traditional"], ["pkcs8", "-topk8", "-nocrypt"]])
    func person(form: [String]) async throws {
        let pair = try await ClientKeyPair.make(days: 36500)
        let real = try await start(pair, key: try await pair.key(through: form))
        let token = real.server.consent(
            user: "support@contoso.de", client: try #require(real.server.options.clients.first))
        _ = try await real.keeper.importRefreshToken(
            Secret(token), for: try #require(AccountName("support")), real.signIn())
        real.clock.advance(by: .seconds(3700))
        _ = try await real.token()
        #expect(real.server.records.allSatisfy { $0.outcome == .granted })
        await real.stop()
    }

    @Test("proves the app in a sign-in by device code that takes longer than an assertion lasts")
    func device() async throws {
        let pair = try await ClientKeyPair.make(days: 36500)
        let real = try await start(pair)
        let begun = real.clock.now
        var last: DeviceStep?
        var code: String?
        for await step in real.keeper.authorizeByDevice(for: try #require(AccountName("support")), real.signIn()) {
            last = step
            if case .prompt(let prompt) = step { code = prompt.userCode }
            guard case .waiting(let next) = step else { continue }
            if next - begun > .seconds(700), let code {
                real.server.approveDevice(userCode: code, as: "support@contoso.de")
            }
            real.clock.set(to: next)
        }
        guard case .done = last else {
            Issue.record("it ended with \(String(describing: last))")
            return
        }
        await real.stop()
    }

    @Test("tells a provider to take a consent back where only its issuer knows the token endpoint")
    func revocation() async throws {
        let pair = try await ClientKeyPair.make(days: 36500)
        let real = try await start(pair)
        try await real.authorize()
        var settings = real.settings
        let name = try #require(ProviderName("contoso"))
        settings.providers[name]?.preset = .generic
        settings.providers[name]?.issuer = real.server.issuerURL
        settings.providers[name]?.revokeURL = real.server.revokeURL
        settings.providers[name]?.tokenURL = nil
        try await real.keeper.apply(settings)
        let outcome = try await real.keeper.revoke(real.signIn()).atProvider
        #expect(outcome == .revoked, "\(outcome)")
        await real.stop()
    }

    @Test("is signed in the older way where the newer one is refused, and from then on only so")
    func olderWay() async throws {
        let pair = try await ClientKeyPair.make(days: 36500)
        let real = try await start(pair, grant: .clientCredentials) { $0.assertionAlgorithms = ["RS256"] }
        for _ in 0..<3 {
            _ = try await real.token()
            real.clock.advance(by: .seconds(3700))
        }
        #expect(real.server.records.count { $0.outcome != .granted } == 1)
        #expect(real.server.records.count { $0.outcome == .granted } == 3)
        await real.stop()
    }

    @Test(
        "is tried second when the first is refused or has ended, so that renewing leaves no gap",
        arguments: [36500, 1])
    func two(days: Int) async throws {
        let (old, new) = (try await ClientKeyPair.make(days: days), try await ClientKeyPair.make(days: 36500))
        let pairs = [old, new].map { pair in
            Provider.CertificatePair(
                certificate: .literal(.init(Secret(pair.certificate))),
                privateKey: .literal(.init(Secret(pair.key))))
        }
        let real = try await RealProvider.start(
            {
                $0.clients = [
                    RegisteredClient(
                        Self.client, certificate: new.certificate, applicationPermissions: ["IMAP.AccessAsApp"])
                ]
            },
            provider: { provider in
                provider.clientID = Self.client
                provider.grant = .clientCredentials
                provider.scopes = ["https://outlook.office365.com/.default"]
                provider.authentication = .certificates(pairs)
            })
        try await real.keeper.apply(real.settings)
        if days == 1 { real.clock.advance(by: max(try old.end() - real.clock.now, .zero)) }
        for _ in 0..<2 {
            _ = try await real.token()
            real.clock.advance(by: .seconds(3700))
        }
        // The old one is refused with both ways to sign it, or nothing of it is sent.
        #expect(real.server.records.count { $0.outcome != .granted } == (days == 1 ? 0 : 2))
        #expect(real.server.records.count { $0.outcome == .granted } == 2)
        let proofs = try await real.keeper.clientProofs(of: ProviderName("contoso")!)
        #expect(proofs.map(\.name) == ["certificates[0]", "certificates[1]"])
        #expect(proofs.map(\.state) == [.refused, .inUse])
        #expect(real.recorder.events(.clientProofRefused).count == 1)
        #expect(
            try await real.keeper.certificateEnds(of: ProviderName("contoso")!) == [try old.end(), try new.end()])
        await real.stop()
    }

    @Test("that is not the registered one is refused, and says so")
    func notRegistered() async throws {
        let (registered, other) = (
            try await ClientKeyPair.make(days: 36500), try await ClientKeyPair.make(days: 36500)
        )
        let real = try await start(
            registered, grant: .clientCredentials, certificate: other.certificate, key: other.key)
        let failure = try #require(await real.failure())
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(failure.serverLine?.contains("AADSTS700027") == true)
        await real.stop()
    }

    enum Bad: CaseIterable {
        case encrypted, encryptedTraditionally, ellipticKey, ellipticPair, foreign, noKey, noCertificate, brokenKey
        case shortKey

        var says: String {
            switch self {
            case .encrypted, .encryptedTraditionally: "private_key: is encrypted"
            case .ellipticKey, .brokenKey: "private_key: is no RSA key"
            case .ellipticPair: "is no RSA key"
            case .foreign: "private_key: does not belong to certificate:"
            case .noKey: "private_key: holds no private key in PEM"
            case .noCertificate: "certificate: holds no certificate in PEM"
            case .shortKey: "2048 bits"
            }
        }
    }

    @Test("that cannot be used says why, before anything is sent", arguments: Bad.allCases)
    func unusable(bad: Bad) async throws {
        let pair = try await ClientKeyPair.make(days: 36500)
        var (certificate, key) = (pair.certificate, pair.key)
        switch bad {
        case .encrypted:
            key = try await pair.key(through: ["pkcs8", "-topk8", "-passout", "pass:secret"])
        case .encryptedTraditionally:
            key = try await pair.key(through: ["rsa", "-traditional", "-aes128", "-passout", "pass:secret"])
        case .ellipticKey:
            key = try await ClientKeyPair.make("ec", ["-nodes", "-pkeyopt", "ec_paramgen_curve:prime256v1"]).key
        case .ellipticPair:
            let elliptic = try await ClientKeyPair.make("ec", ["-nodes", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
            (certificate, key) = (elliptic.certificate, elliptic.key)
        case .foreign: key = try await ClientKeyPair.make().key
        case .noKey: key = pair.certificate
        case .noCertificate: certificate = pair.key
        case .brokenKey: key = pair.key.replacing("\nM", with: "\nX")
        case .shortKey:
            let short = try await ClientKeyPair.make("rsa:1024")
            (certificate, key) = (short.certificate, short.key)
        }
        let real = try await start(pair, grant: .clientCredentials, certificate: certificate, key: key)
        let failure = try #require(await real.failure())
        #expect(failure.reason.contains(bad.says), "\(failure.reason)")
        #expect(failure.operation == "sign client assertion")
        #expect(failure.retry == .whenReconfigured(by: .operatorOfPostbote))
        #expect(real.server.records.isEmpty)
        await #expect(throws: Failure.self) {
            _ = try await real.keeper.certificateEnds(of: ProviderName("contoso")!)
        }
        await real.stop()
    }

    @Test("ends when it says, and is not used afterwards", arguments: [1, 36500])
    func end(days: Int) async throws {
        let pair = try await ClientKeyPair.make(days: days)
        let real = try await start(pair, grant: .clientCredentials)
        let end = try #require(try await real.keeper.certificateEnds(of: ProviderName("contoso")!).first)
        #expect(end == (try pair.end()))
        real.clock.advance(by: max(end - real.clock.now, .zero))
        let failure = try #require(await real.failure())
        #expect(failure.reason.contains("ended at"), "\(failure.reason)")
        #expect(real.server.records.isEmpty)
        await real.stop()
    }
}
