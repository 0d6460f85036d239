import Authorization
import Diagnostics
import MailModel
import MailProtocol
import Sessions
import Store
import TestSupport
import Testing
import Transport

/// An opener whose provider grants `access-1`, `access-2`, … and whose mail server plays dialogs.
struct OpenerUnderTest {
    static let address = "anna@example.test"

    let kind: SignInDialog
    let server: ScriptedServer
    let clock = TestClock()
    let keeper: TokenKeeper
    let signIn: SignInSettings
    /// Of sending.
    let logins: LoginsInMemory
    /// How many tokens were granted.
    let tokens: Watched<Int>
    private let provider: Provider
    private let opener: SessionOpener
    private let temporary: TemporaryStore

    static func start(
        _ kind: SignInDialog, _ dialogs: [String], grant: Provider.Grant = .authorizationCode,
        isConsented: Bool = true, delegate: String? = nil, timeouts: SessionTimeouts = SessionTimeouts()
    ) async throws -> OpenerUnderTest {
        let test = try OpenerUnderTest(
            kind, try await ScriptedServer.start(dialogs.map { try Dialog($0) }), grant, delegate, timeouts)
        if isConsented, let key = CredentialKey(test.signIn, grant: grant) {
            let vault = StoreVault(test.temporary.store, clock: test.clock)
            _ = try await vault.keepConsent(key, KeptGrant(refreshToken: Secret("refresh")), by: nil)
        }
        var settings = Settings(stateDirectory: "/nowhere", controlSocket: "/nowhere/socket")
        settings.providers[test.provider.name] = test.provider
        var account = Account(name: try #require(AccountName("anna")), address: address)
        account.receive = ReceiveSettings(signIn: test.signIn, endpoint: test.endpoint, deliverTo: [])
        settings.accounts[account.name] = account
        try await test.keeper.apply(settings)
        return test
    }

    private init(
        _ kind: SignInDialog, _ server: ScriptedServer, _ grant: Provider.Grant, _ delegate: String?,
        _ timeouts: SessionTimeouts
    ) throws {
        self.kind = kind
        self.server = server
        logins = LoginsInMemory(clock)
        temporary = try TemporaryStore()
        var provider = Provider(name: try #require(ProviderName("test")), preset: .generic)
        provider.clientID = "client"
        provider.tokenURL = "https://provider.example/token"
        provider.scopes = ["mail"]
        provider.grant = grant
        self.provider = provider
        signIn = SignInSettings(
            provider: provider.name, login: Self.address, otherLogin: delegate,
            authorizedAs: delegate ?? Self.address,
            password: .literal(.init(Secret("a password"))))
        let tokens = Watched(0)
        self.tokens = tokens
        keeper = TokenKeeper(
            vault: StoreVault(temporary.store, clock: clock), transport: CountingProvider(tokens: tokens),
            readSecret: { source in
                guard case .literal(let literal) = source else { throw CancellationError() }
                return literal.secret
            }, clock: clock)
        opener = SessionOpener(tokens: keeper, loops: EventLoops(count: 1), proxy: nil, timeouts: timeouts)
    }

    private var endpoint: Endpoint { Endpoint(host: "localhost", port: server.port, tls: .none) }

    func openAndClose() async throws {
        switch kind {
        case .imap, .pop3:
            var settings = ReceiveSettings(signIn: signIn, endpoint: endpoint, deliverTo: [])
            settings.mailProtocol = kind == .imap ? .imap : .pop3
            try await opener.openMailbox(settings, of: provider, numbering: NoNumbering()).close()
        case .smtp:
            try await openSubmitter().close()
        }
    }

    func openSubmitter() async throws -> any Submitter {
        let settings = SendSettings(signIn: signIn, endpoint: endpoint, from: [Self.address])
        return try await opener.openSubmitter(settings, of: provider, logins: logins).submitter
    }
}

/// What the daemon keeps in its store.
final class LoginsInMemory: LoginMemory {
    /// The names in the order in which they were found.
    let found = Watched<[String]>([])
    private let known = Watched<String?>(nil)
    private let verdict = Watched(LoginVerdict())
    private let clock: TestClock

    init(_ clock: TestClock) { self.clock = clock }

    func login(for settings: SendSettings) async -> String? { known.value }

    func remember(_ login: String, for settings: SendSettings) async {
        let before = known.value
        guard verdict.update({ $0.takes(login, insteadOf: before, at: clock.now) }) else { return }
        known.update { $0 = login }
        found.update { $0.append(login) }
    }

    func forget(_ login: String, for settings: SendSettings) async {
        known.update { if $0 == login { $0 = nil } }
    }
}

private struct CountingProvider: TokenTransport {
    let tokens: Watched<Int>

    func post(
        _ form: Secret, to url: String, of provider: Provider, operation: String, timeout: Duration
    ) async throws -> TokenReply {
        let number = tokens.update { count in
            count += 1
            return count
        }
        let text = "{\"token_type\":\"Bearer\",\"access_token\":\"access-\(number)\",\"expires_in\":7200}"
        return TokenReply(status: 200, retryAfter: nil, body: Array(text.utf8))
    }

    func get(_ url: String, of provider: Provider, operation: String, timeout: Duration) async throws -> TokenReply {
        TokenReply(status: 404, body: [])
    }
}

/// No message is ever listed here.
private struct NoNumbering: UniqueIDNumbering {
    func number(_ listed: [POP3UniqueID]) async throws -> [UID] { [] }
}
