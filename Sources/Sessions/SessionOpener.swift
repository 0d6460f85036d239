import Authorization
import Diagnostics
import MailModel
import MailProtocol
import Transport

/// Opens mailboxes and submitters: a valid token, a connection, a sign-in.
public struct SessionOpener: Sendable {
    private let tokens: TokenKeeper
    private let loops: EventLoops
    private let proxy: Proxy?
    private let timeouts: SessionTimeouts
    private let trace: TraceTap?

    /// - Parameters:
    ///   - proxy: taken by all connections, except to the hosts it leaves out.
    ///   - trace: where what is said on them can be listened to.
    public init(
        tokens: TokenKeeper, loops: EventLoops, proxy: Proxy?, timeouts: SessionTimeouts = SessionTimeouts(),
        trace: TraceTap? = nil
    ) {
        self.tokens = tokens
        self.loops = loops
        self.proxy = proxy
        self.timeouts = timeouts
        self.trace = trace
    }

    /// - Throws: `Failure`; a sign-in that was refused with a fresh token has the condition `signInRefused`.
    public func openMailbox(
        _ settings: ReceiveSettings, of provider: Provider, numbering: any UniqueIDNumbering
    ) async throws -> any Mailbox {
        switch settings.mailProtocol {
        case .imap:
            let request = request(.imap, settings.endpoint, provider)
            return try await signIn(settings.signIn, request) { credential, connection in
                try await IMAPMailbox.signIn(credential, on: connection, timeouts: timeouts)
            }
        case .pop3:
            let request = request(.pop3, settings.endpoint, provider)
            return try await signIn(settings.signIn, request) { credential, connection in
                try await POP3Mailbox.signIn(
                    credential, on: connection, numbering: numbering, timeouts: timeouts)
            }
        }
    }

    /// - Returns: also the name under which the server let us in.
    /// - Throws: as `openMailbox`.
    public func openSubmitter(
        _ settings: SendSettings, of provider: Provider, logins: any LoginMemory
    ) async throws -> (submitter: any Submitter, login: String) {
        var who = settings.signIn
        guard who.otherLogin != nil else { return (try await openSubmitter(who, settings, provider), who.login) }
        var order = LoginOrder(who, remembered: await logins.login(for: settings))
        var refusal: Failure?
        while true {
            who.login = order.login
            do {
                let submitter = try await openSubmitter(who, settings, provider)
                await logins.remember(who.login, for: settings)
                let own = settings.signIn.login
                guard who.login != own else { return (submitter, own) }
                let session = DelegateSubmitter(session: submitter, delegate: who.login, mailbox: own) {
                    [login = who.login] in await logins.forget(login, for: settings)
                }
                return (session, who.login)
            } catch let failure as Failure {
                if order.refused(with: failure) {
                    refusal = failure
                    continue
                }
                guard failure.condition == .signInRefused, var first = refusal else { throw failure }
                // One refusal, however many names: whoever counts them counts sign-ins.
                first.reason += " Signing in as \(who.login) was refused, too."
                throw first
            }
        }
    }

    private func openSubmitter(
        _ who: SignInSettings, _ settings: SendSettings, _ provider: Provider
    ) async throws -> any Submitter {
        try await signIn(who, request(.smtp, settings.endpoint, provider)) { credential, connection in
            try await SMTPSubmitter.signIn(credential, on: connection, timeouts: timeouts)
        }
    }

    /// Connects to the server that `openMailbox` or `openSubmitter` would sign in at, the same way, and tells how far that
    /// came.
    public func attempt(
        _ service: MailService, at endpoint: Endpoint, of provider: Provider
    ) async throws -> ConnectionTrial {
        try await Connection.attempt(request(service, endpoint, provider), on: loops.next())
    }

    private func request(_ service: MailService, _ endpoint: Endpoint, _ provider: Provider) -> ConnectionRequest {
        ConnectionRequest(
            service, at: endpoint, trust: provider.trust, proxy: proxy, heloName: provider.heloName,
            timeout: timeouts.connect)
    }

    /// A server may refuse a token that has ended since it was handed out, or that a policy revoked: one fresh token is
    /// tried before the refusal counts.
    private func signIn<Session: Sendable>(
        _ who: SignInSettings, _ request: ConnectionRequest,
        _ open: @Sendable (SASLCredential, Connection) async throws -> Session
    ) async throws -> Session {
        let credential: SignInCredential
        do {
            credential = try await tokens.credential(for: who)
        } catch let failure as Failure {
            trace?.channel(request.service.rawValue).note(
                "not connected, for want of a credential: \(failure.reason)")
            throw failure
        }
        do {
            return try await attempt(credential, who, request, open)
        } catch let failure as Failure where failure.condition == .signInRefused {
            guard case .token(let refused) = credential,
                let newer = try await tokens.replacement(for: refused, of: who)
            else { throw failure }
            return try await attempt(.token(newer), who, request, open)
        }
    }

    /// Of a shared mailbox the consent is seldom what is wrong: somebody else's mailbox is refused to whoever signed in.
    private func explained(_ failure: Failure, _ who: SignInSettings) -> Failure {
        guard failure.condition == .signInRefused, who.authorizedAs.lowercased() != who.login.lowercased() else {
            return failure
        }
        var copy = failure
        copy.reason +=
            " Whoever signed in as \(who.authorizedAs) must have access to \(who.login); `authorized_as` says "
        copy.reason += "who that is."
        return copy
    }

    private func attempt<Session: Sendable>(
        _ credential: SignInCredential, _ who: SignInSettings, _ request: ConnectionRequest,
        _ open: @Sendable (SASLCredential, Connection) async throws -> Session
    ) async throws -> Session {
        let withholding = Withholding([credential.secret, request.proxy?.password].compactMap(\.self))
        let channel = trace?.channel(request.service.rawValue) { withholding($0) }
        let connection = try await Connection.open(request, on: loops.next(), trace: channel)
        do {
            switch credential {
            case .token(let token): return try await open(.bearer(user: who.login, token: token.secret), connection)
            case .password(let password):
                return try await open(.password(user: who.login, password: password), connection)
            }
        } catch let failure as Failure {
            if failure.condition == .signInRefused { channel?.note("sign-in refused: \(failure.reason)") }
            throw explained(failure, who).withholding([credential.secret])
                .at("host", "\(request.endpoint.host):\(request.endpoint.port)").at("login", who.login)
        }
    }
}
