import Authorization
import Diagnostics
import MailModel
import TestSupport

/// A keeper with a hand-moved clock, a scripted provider and a vault in memory.
struct KeeperFixture {
    let clock: TestClock
    let vault: MemoryVault
    let provider: ScriptedProvider
    let recorder = EventRecorder()
    let keeper: TokenKeeper
    var settings: Settings

    static let start = Timestamp(seconds: 1_800_000_000)

    init(
        _ settings: Settings = .oneAccount(), vault: MemoryVault = MemoryVault(),
        clock: TestClock = TestClock(now: start),
        provider: ScriptedProvider = ScriptedProvider(), readSecret: SecretReader? = nil
    ) {
        self.settings = settings
        self.vault = vault
        self.clock = clock
        self.provider = provider
        keeper = TokenKeeper(
            vault: vault, transport: provider,
            readSecret: readSecret ?? { source in
                guard case .literal(let literal) = source else { throw CancellationError() }
                return literal.secret
            }, clock: clock, log: EventLog(recorder: recorder), generator: Middle())
    }

    /// With one account whose owner signed in: a refresh token, and no access token unless `token` is given.
    static func consented(
        _ settings: Settings = .oneAccount(), refreshToken: String = "refresh-0",
        token: Authorization.AccessToken? = nil,
        due: Timestamp? = nil, provider: ScriptedProvider = ScriptedProvider()
    ) async throws -> KeeperFixture {
        let grant = KeptGrant(refreshToken: Secret(refreshToken), accessToken: token, refreshDue: due)
        let vault = MemoryVault(settings.consentKeys.map { KeptCredential(key: $0, version: 1, grant: grant) })
        let fixture = KeeperFixture(settings, vault: vault, provider: provider)
        try await fixture.keeper.apply(settings)
        return fixture
    }

    var signIn: SignInSettings { signIn("support") }
    func signIn(_ account: String) -> SignInSettings { settings.accounts[AccountName(account)!]!.receive!.signIn }

    func failure(_ account: String = "support") async -> Failure? {
        do {
            _ = try await keeper.accessToken(for: signIn(account))
            return nil
        } catch {
            return error as? Failure
        }
    }

    func token(_ account: String = "support") async throws -> String {
        try await keeper.accessToken(for: signIn(account)).secret.reveal()
    }

    func refreshToken() async throws -> String? {
        try await vault.credential(settings.consentKeys[0])?.grant.refreshToken?.reveal()
    }
}

/// Always the middle of what could come.
struct Middle: RandomNumberGenerator {
    mutating func next() -> UInt64 { UInt64.max / 2 }
}

extension Settings {
    static func oneAccount(_ change: (inout Provider) -> Void = { _ in }) -> Settings {
        accounts(["support"], change)
    }

    /// Accounts named so, each of an owner of its own.
    static func accounts(_ names: [String], _ change: (inout Provider) -> Void = { _ in }) -> Settings {
        var settings = Settings(stateDirectory: "/var/lib/postbote", controlSocket: "/run/postbote.sock")
        settings.add(provider: "contoso", change)
        for name in names { settings.add(account: name, of: "contoso") }
        return settings
    }

    mutating func add(provider name: String, _ change: (inout Provider) -> Void = { _ in }) {
        var provider = Provider(name: ProviderName(name)!, preset: .microsoft365)
        provider.clientID = "client-of-\(name)"
        provider.tokenURL = "https://login.example/\(name)/token"
        provider.deviceURL = "https://login.example/\(name)/devicecode"
        provider.scopes = [
            "https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/SMTP.Send",
            "offline_access", "openid", "profile", "email",
        ]
        change(&provider)
        providers[provider.name] = provider
    }

    mutating func add(account name: String, of provider: String, authorizedAs: String? = nil) {
        let address = "\(name)@contoso.de"
        var account = Account(name: AccountName(name)!, address: address)
        let signIn = SignInSettings(
            provider: ProviderName(provider)!, login: address, authorizedAs: authorizedAs ?? address)
        account.receive = ReceiveSettings(
            signIn: signIn, endpoint: Endpoint(host: "imap.example", port: 993, tls: .implicit), deliverTo: [])
        accounts[account.name] = account
    }

    /// Whose consents the accounts need.
    var consentKeys: [CredentialKey] {
        accounts.values.compactMap { CredentialKey($0.receive!.signIn, grant: .authorizationCode) }
    }
}

extension Provider.ClientAuthentication {
    static func secret(_ texts: String...) -> Self {
        .secrets(texts.map { Provider.ClientSecret(value: .literal(.init(Secret($0)))) })
    }
}
