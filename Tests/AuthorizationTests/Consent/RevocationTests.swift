import Authorization
import Diagnostics
import MailModel
import TestSupport
import Testing

@Suite("A consent that is taken back")
struct RevocationTests {
    private static let owner = "support@contoso.de"
    private static let name = ProviderName("contoso")!

    private func start(
        _ preset: Provider.Preset, dialect: AuthorizationOptions.Dialect = .google, hasEndpoint: Bool = true
    ) async throws -> RealProvider {
        let client = RegisteredClient.confidentialClient
        let real = try await RealProvider.start(
            { $0.dialect = dialect },
            provider: { provider in
                provider.preset = preset
                provider.clientID = client.identifier
                provider.authentication = .secret(client.secrets[0].value)
            })
        var settings = real.settings
        if hasEndpoint { settings.providers[Self.name]?.revokeURL = real.server.revokeURL }
        try await real.keeper.apply(settings)
        try await real.authorize()
        return real
    }

    private func ended(_ real: RealProvider) async throws -> [AuthorizationRecord] {
        #expect(await real.failure()?.retry == .whenReauthorized)
        #expect(await real.failure()?.reason.hasPrefix("Nobody has signed in") == true)
        return real.server.records.filter { $0.endpoint == .revoke }
    }

    @Test("is taken back at Google, and at others with the client's proof", arguments: [true, false])
    func told(isGoogle: Bool) async throws {
        let real = try await start(isGoogle ? .gmail : .generic, dialect: isGoogle ? .google : .entra)
        let token = try #require(real.server.secrets.first { $0.name == "a refresh token" })
        let (accounts, outcome) = try await real.keeper.revoke(real.signIn())
        #expect(accounts == [AccountName("support")!])
        #expect(outcome == .revoked)
        let asked = try await ended(real)
        #expect(asked.count == 1 && asked[0].user == Self.owner)
        #expect(asked[0].client == (isGoogle ? nil : RegisteredClient.confidentialClient.identifier))
        // It is of no use to anybody now.
        await #expect(throws: Failure.self) {
            try await real.keeper.importRefreshToken(
                Secret(token.text), for: AccountName("support")!, real.signIn())
        }
        await real.stop()
    }

    @Test("is over all the same when Google does not know it any more")
    func wasOver() async throws {
        let real = try await start(.gmail)
        real.server.revoke(user: Self.owner)
        #expect(try await real.keeper.revoke(real.signIn()).atProvider == .wasOver)
        #expect(try await ended(real).count == 1)
        #expect(try await real.keeper.revoke(real.signIn()).atProvider == .nothing)
        await real.stop()
    }

    @Test("is forgotten here also when the provider does not do it, or cannot be told")
    func failed() async throws {
        for fault in [AuthorizationFault.serverError, .close, .answer(HTTPAnswer(404))] {
            let real = try await start(.gmail)
            real.server.answerNext(fault, at: .revoke)
            guard case .failed(let failure) = try await real.keeper.revoke(real.signIn()).atProvider else {
                Issue.record("it was not done")
                continue
            }
            #expect(failure.operation == "revoke")
            #expect(try await ended(real).count == 1)
            await real.stop()
        }
        for preset in [Provider.Preset.microsoft365, .generic] {
            let real = try await start(preset, dialect: .entra, hasEndpoint: false)
            #expect(try await real.keeper.revoke(real.signIn()).atProvider == .notPossible)
            #expect(try await ended(real).isEmpty)
            await real.stop()
        }
    }

    /// As after the loss of the master key, or in a damaged database.
    private static let damage = "UPDATE credentials SET refresh_token = zeroblob(80); DELETE FROM access_tokens"

    @Test("is forgotten also when its token cannot be read any more: there is nothing to tell")
    func unreadable() async throws {
        let real = try await start(.gmail)
        try Tampering.run(Self.damage, in: real.store.directory)
        let again = try await real.restarted()
        let (accounts, outcome) = try await again.keeper.revoke(again.signIn())
        #expect(accounts == [AccountName("support")!])
        #expect(outcome == .nothing)
        #expect(try await ended(again).isEmpty)
        await again.stop()
    }

    @Test("is given anew where its token cannot be read any more")
    func replaced() async throws {
        let real = try await start(.generic, dialect: .entra)
        try Tampering.run(Self.damage, in: real.store.directory)
        let again = try await real.restarted()
        var settings = again.settings
        settings.providers[Self.name]?.authorizeURL = real.server.authorizeURL
        try await again.keeper.apply(settings)
        #expect(await again.failure() != nil)
        _ = try await again.keeper.beginAuthorization(for: again.signIn(), backBy: .paste)
        try await again.authorize()
        #expect(try await again.token().isEmpty == false)
        await again.stop()
    }

    @Test("is told with the second client secret where the first is refused")
    func secondProof() async throws {
        let client = RegisteredClient.confidentialClient
        let real = try await start(.generic, dialect: .entra)
        var settings = real.settings
        settings.providers[Self.name]?.revokeURL = real.server.revokeURL
        settings.providers[Self.name]?.authentication = .secret("dead", client.secrets[0].value)
        try await real.keeper.apply(settings)
        #expect(try await real.keeper.revoke(real.signIn()).atProvider == .revoked)
        #expect(try await real.keeper.clientProofs(of: Self.name).map(\.state) == [.refused, .inUse])
        await real.stop()
    }
}
