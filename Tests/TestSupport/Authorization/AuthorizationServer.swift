import Diagnostics

/// An authorization server of our own that stands for Microsoft Entra and Google: token, device and authorize endpoints
/// on loopback, with their refusals, and with failures on demand.
///
/// Its access tokens open a `DovecotServer` that has the same signer.
public final class AuthorizationServer: Sendable {
    struct State: Sendable {
        var rules: TokenRules
        var faults: [PendingFault] = []
        var records: [AuthorizationRecord] = []
        /// Who signs in at the browser's page; `nil` declines.
        var browserUser: String?
        /// Whom the browser knows from earlier.
        var rememberedUser: String?
        /// Who may be chosen on the pages of a real browser; `nil`: there is none.
        var people: [String]?
    }

    public let options: AuthorizationOptions
    let state: Watched<State>
    private let listener: Watched<HTTPListener?>
    public let port: Int

    public static func start(_ options: AuthorizationOptions = AuthorizationOptions()) async throws
        -> AuthorizationServer
    {
        let state = Watched(State(rules: TokenRules(options: options)))
        let listener = try await HTTPListener.start { request in
            await AuthorizationEndpoint(state: state, options: options).respond(to: request)
        }
        return AuthorizationServer(options: options, state: state, listener: listener)
    }

    private init(options: AuthorizationOptions, state: Watched<State>, listener: HTTPListener) {
        self.options = options
        self.state = state
        self.listener = Watched(listener)
        port = listener.port
    }

    /// Ends it: connections are refused, those there are closed.
    public func stop() async {
        guard
            let last = listener.update({ listener in
                defer { listener = nil }
                return listener
            })
        else { return }
        await last.stop()
    }

    // MARK: Addresses

    public var address: String { "http://127.0.0.1:\(port)" }
    public var tokenURL: String { "\(address)/\(options.tenant)/oauth2/v2.0/token" }
    public var deviceURL: String { "\(address)/\(options.tenant)/oauth2/v2.0/devicecode" }
    public var authorizeURL: String { "\(address)/\(options.tenant)/oauth2/v2.0/authorize" }
    public var revokeURL: String { "\(address)/revoke" }
    /// The issuer that discovery documents are looked up under.
    public var issuerURL: String { "\(address)/\(options.tenant)/v2.0" }

    // MARK: What people do

    /// What a mail program asks for at sign-in.
    public static let mailScopes = [
        "https://outlook.office.com/IMAP.AccessAsUser.All", "https://outlook.office.com/POP.AccessAsUser.All",
        "https://outlook.office.com/SMTP.Send", "offline_access", "openid", "profile", "email",
    ]

    /// Somebody has signed in and consented earlier. Returns the refresh token.
    public func consent(
        user: String, client: RegisteredClient = .publicClient, scopes: [String] = AuthorizationServer.mailScopes
    ) -> String {
        let scope = RequestedScope(scopes.joined(separator: " "))
        return state.update { state in
            state.rules.consent(
                Consent(user: user, client: client.identifier, scope: scope), now: options.clock.now)
        }
    }

    /// Somebody enters a user code and signs in. `false`: nobody waits with that code.
    @discardableResult
    public func approveDevice(userCode: String, as user: String) -> Bool {
        state.update { $0.rules.decideDevice(userCode: userCode, .approved(user: user)) }
    }

    @discardableResult
    public func declineDevice(userCode: String) -> Bool {
        state.update { $0.rules.decideDevice(userCode: userCode, .declined) }
    }

    /// Returns the code of a device flow that waits for somebody, once there is one.
    public func pendingUserCode() async throws -> String {
        try await state.wait(for: "a device flow") { state in
            state.rules.deviceGrants.values.first { $0.state == .pending }?.userCode
        }
    }

    /// From now on this person signs in and consents at the browser's page at once; `nil` declines.
    public func signIn(as user: String?) { state.update { $0.browserUser = user } }

    /// From now on browsers are shown pages: one to choose among these people, and one to allow or decline.
    public func showForms(to people: [String]) { state.update { $0.people = people } }

    /// From now on the browser remembers that this person signed in, and takes them where nobody asks who it is.
    public func remember(user: String?) { state.update { $0.rememberedUser = user } }

    /// Opens an authorize address in the browser: where the person ends, once they have signed in or declined.
    ///
    /// - Returns: the address, or `nil` where the server shows a page of its own.
    public func browse(_ address: String) async throws -> String? {
        try await PlainHTTPClient.send(address, form: nil)?.headers["location"]
    }

    /// The user is deleted and made anew under the same name, or the name is given to somebody else.
    public func recreate(user: String) { state.update { $0.rules.recreate(user: user) } }

    /// All refresh tokens of this user stop working, as after a password reset.
    public func revoke(user: String) { state.update { $0.rules.revoke { $0.consent.user == user } } }

    /// This refresh token and all that came from the same sign-in stop working.
    public func revoke(token: String) { state.update { $0.rules.revoke(token: token) } }

    // MARK: Failures on demand

    /// The next `times` requests at that endpoint, of that client or of any, get this instead of the usual answer, after
    /// those queued before.
    public func answerNext(
        _ fault: AuthorizationFault, times: Int = 1, at endpoint: AuthorizationRecord.Endpoint = .token,
        client: String? = nil
    ) {
        let pending = PendingFault(endpoint: endpoint, client: client, fault: fault)
        state.update { $0.faults += Array(repeating: pending, count: times) }
    }

    /// Forgets failures that did not happen yet.
    public func clearFaults() { state.update { $0.faults = [] } }

    // MARK: What happened

    /// All requests so far, in the order they came.
    public var records: [AuthorizationRecord] { state.value.records }

    /// All that it handed out in confidence so far: refresh tokens, access tokens and device codes.
    public var secrets: [MarkedSecret] {
        let rules = state.value.rules
        return rules.refreshGrants.keys.map { MarkedSecret("a refresh token", $0) }
            + rules.accessTokens.map { MarkedSecret("an access token", $0) }
            + rules.deviceGrants.keys.map { MarkedSecret("a device code", $0) }
            + rules.codeGrants.keys.map { MarkedSecret("an authorization code", $0) }
    }

    /// How many refreshes of that user's credential came, whatever their outcome.
    public func refreshes(of user: String) -> Int {
        records.count { $0.user == user && $0.grantType == "refresh_token" }
    }

    /// The most requests about that user that were under way at a time.
    public func mostConcurrent(of user: String) -> Int {
        records.filter { $0.user == user }.map(\.concurrent).max() ?? 0
    }

    /// Returns the requests that satisfy `condition`, once there are `count`.
    @discardableResult
    public func records(
        atLeast count: Int, within limit: Duration = Limits.wait,
        where condition: @escaping @Sendable (AuthorizationRecord) -> Bool
    ) async throws -> [AuthorizationRecord] {
        try await state.wait(for: "\(count) requests to the authorization server", within: limit) { state in
            let found = state.records.filter(condition)
            return found.count >= count ? found : nil
        }
    }
}
