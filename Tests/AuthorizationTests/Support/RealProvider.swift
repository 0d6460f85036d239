import Authorization
import Diagnostics
import MailModel
import Store
import TestSupport
import Transport

/// A keeper with a real store, real HTTP, and the test authorization server behind it.
struct RealProvider {
    let server: AuthorizationServer
    let store: TemporaryStore
    let clock: TestClock
    let recorder = EventRecorder()
    let keeper: TokenKeeper
    let settings: Settings

    /// - Parameter change: of the provider, after it was pointed at the server.
    static func start(
        accounts: [String] = ["support"], store: TemporaryStore? = nil, server: AuthorizationServer? = nil,
        clock: TestClock = TestClock(), _ options: (inout AuthorizationOptions) -> Void = { _ in },
        provider change: (inout Provider) -> Void = { _ in }
    ) async throws -> RealProvider {
        var serverOptions = AuthorizationOptions()
        serverOptions.clock = clock
        options(&serverOptions)
        let running: AuthorizationServer
        if let server { running = server } else { running = try await AuthorizationServer.start(serverOptions) }
        let settings = Settings.accounts(accounts) { provider in
            provider.clientID = RegisteredClient.publicClient.identifier
            provider.tokenURL = running.tokenURL
            provider.deviceURL = running.deviceURL
            provider.scopes = AuthorizationServer.mailScopes
            change(&provider)
        }
        return RealProvider(running, try store ?? TemporaryStore(), clock, settings)
    }

    private init(_ server: AuthorizationServer, _ store: TemporaryStore, _ clock: TestClock, _ settings: Settings) {
        self.server = server
        self.store = store
        self.clock = clock
        self.settings = settings
        keeper = RealProvider.keeper(
            StoreVault(store.store, clock: clock), clock, EventLog(recorder: recorder))
    }

    private static func keeper(_ vault: any CredentialVault, _ clock: TestClock, _ log: EventLog) -> TokenKeeper {
        TokenKeeper(
            vault: vault, transport: HTTPSTokenTransport(HTTPSClient(loop: EventLoops(count: 1).next())),
            readSecret: { source in
                guard case .literal(let literal) = source else { throw CancellationError() }
                return literal.secret
            }, clock: clock, log: log)
    }

    /// Another keeper at the same server, with nothing stored and a clock of its own.
    func keeper(at clock: TestClock) -> TokenKeeper {
        RealProvider.keeper(MemoryVault(), clock, EventLog(recorder: recorder))
    }

    /// The same state after a restart.
    func restarted() async throws -> RealProvider {
        await keeper.shutDown()
        let next = RealProvider(server, store, clock, settings)
        try await next.keeper.apply(settings)
        return next
    }

    func signIn(_ account: String = "support") -> SignInSettings {
        settings.accounts[AccountName(account)!]!.receive!.signIn
    }

    /// The owner signs in elsewhere, and the refresh token is imported.
    @discardableResult
    func authorize(_ account: String = "support", as user: String? = nil) async throws -> ConsentReceipt {
        let signIn = signIn(account)
        let client = settings.providers[signIn.provider]?.clientID
        let registered = server.options.clients.first { $0.identifier == client } ?? .publicClient
        let token = server.consent(user: user ?? signIn.authorizedAs, client: registered)
        return try await keeper.importRefreshToken(Secret(token), for: AccountName(account)!, signIn)
    }

    func token(_ account: String = "support") async throws -> String {
        try await keeper.accessToken(for: signIn(account)).secret.reveal()
    }

    func failure(_ account: String = "support") async -> Failure? {
        do {
            _ = try await keeper.accessToken(for: signIn(account))
            return nil
        } catch { return error as? Failure }
    }

    func stop() async {
        await keeper.shutDown()
        await server.stop()
        await store.store.close()
    }
}
