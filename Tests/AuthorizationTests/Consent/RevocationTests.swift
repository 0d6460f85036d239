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
}
