import Diagnostics

/// Signing in, from the server's greeting to the capabilities that hold afterwards (RFC 3501 §6.2).
///
/// Events in, actions out. It asks for capabilities it does not have, tries the best mechanism first, answers error
/// challenges so that the server can refuse properly, and asks again afterwards unless the server told by itself.
public struct IMAPSignIn: Sendable {
    public enum Action: Sendable, Equatable {
        case send(ClientLine)
        /// Signed in, with what the server can do now.
        case signedIn(IMAPCapabilities)
        /// Not signed in. Nothing more happens; close the connection.
        case failed(Failure)
    }

    private enum State: Sendable {
        /// Exits: `askingBefore`, `authenticating`, `loggingIn`, `finished`.
        case fresh
        /// CAPABILITY is in flight. Exits: `authenticating`, `loggingIn`, `finished`.
        case askingBefore(IMAPTag)
        /// AUTHENTICATE is in flight. Exits: itself with the next mechanism, `askingAfter`, `finished`.
        case authenticating(IMAPTag, SASLExchange)
        /// AUTHENTICATE was given up with `*`. Exit: `finished`, with this failure, on the server's reply.
        case cancelling(IMAPTag, Failure)
        /// LOGIN is in flight, the rest waits for continuations. Exits: `askingAfter`, `finished`.
        case loggingIn(IMAPTag, rest: [ClientLine])
        /// Signed in; CAPABILITY is in flight. Exit: `finished`.
        case askingAfter(IMAPTag)
        /// No exit.
        case finished
    }

    /// The tag after those used here, for the pipeline that follows.
    public private(set) var nextTag: IMAPTag
    /// Why the server refused a token, when it said so.
    public private(set) var serverError: SASLServerError?
    private let credential: SASLCredential
    private let host: String
    private let port: Int
    private let isProtected: Bool
    private let greeting: IMAPGreeting
    private var capabilities: IMAPCapabilities?
    /// Untagged ones that came since the last command.
    private var announced: IMAPCapabilities?
    /// Mechanisms that are left to be tried.
    private var mechanisms: [SASLMechanism] = []
    private var state = State.fresh

    /// - Parameters:
    ///   - host: the configured name, told to the server by OAUTHBEARER.
    ///   - isProtected: TLS, or loopback.
    public init(
        _ credential: SASLCredential, greeting: IMAPGreeting, host: String, port: Int, isProtected: Bool,
        nextTag: IMAPTag = IMAPTag(1)
    ) {
        self.credential = credential
        self.greeting = greeting
        self.host = host
        self.port = port
        self.isProtected = isProtected
        self.nextTag = nextTag
        capabilities = greeting.capabilities
    }

    /// The first actions. Call it once.
    public mutating func start() -> [Action] {
        guard case .fresh = state else { return [] }
        if greeting.reply.status == .preauth { return refusePreauth() }
        return capabilities == nil ? ask(State.askingBefore) : begin()
    }

    public mutating func receive(_ event: IMAPEvent) -> [Action] {
        switch event {
        case .continuation(let challenge): return proceed(challenge)
        case .tagged(let tag, let reply): return complete(tag, reply)
        case .untagged(let response): return note(response)
        case .garbled(let line):
            return IMAPClassifier.failure(forLine: line, during: .signIn).map { fail($0) } ?? []
        case .bodyBegan, .bodyBytes, .bodyEnded, .fetched: return []
        }
    }

    // MARK: What the server sends

    private mutating func note(_ response: IMAPResponse) -> [Action] {
        if let told = IMAPGreeting.capabilities(in: response) { announced = told }
        guard case .status(let reply) = response, reply.status == .bye else { return [] }
        return fail(classified(reply))
    }

    private mutating func proceed(_ challenge: [UInt8]) -> [Action] {
        switch state {
        case .authenticating(let tag, var exchange):
            do throws(Failure) {
                let response = try exchange.respond(to: challenge)
                serverError = exchange.serverError ?? serverError
                state = .authenticating(tag, exchange)
                return [.send(ClientLine(secret: response))]
            } catch {
                // The server must reply to the cancelling before anything else happens (RFC 3501 §6.2.2).
                state = .cancelling(tag, error)
                return [.send(ClientLine("*"))]
            }
        case .loggingIn(let tag, let rest) where !rest.isEmpty:
            state = .loggingIn(tag, rest: Array(rest.dropFirst()))
            return [.send(rest[0])]
        case .finished: return []
        default: return fail(.outOfStep("The server asked for more although nothing was left to say."))
        }
    }

    private mutating func complete(_ tag: IMAPTag, _ reply: IMAPReply) -> [Action] {
        switch state {
        case .askingBefore(tag):
            guard reply.status == .ok else { return fail(classified(reply)) }
            capabilities = reply.capabilities ?? announced ?? IMAPCapabilities()
            return begin()
        case .authenticating(tag, let exchange):
            return reply.status == .ok ? signedIn(reply) : refused(reply, exchange)
        case .cancelling(tag, let failure): return fail(failure)
        case .loggingIn(tag, _): return reply.status == .ok ? signedIn(reply) : fail(classified(reply))
        case .askingAfter(tag):
            // A server that will not tell again has not taken back what it told.
            return finish(with: reply.capabilities ?? announced ?? capabilities ?? IMAPCapabilities())
        case .finished: return []
        default: return fail(.outOfStep("The server replied to a command that is not under way.", line: reply.line))
        }
    }

    // MARK: What we send

    private mutating func ask(_ asking: (IMAPTag) -> State) -> [Action] {
        let tag = takeTag()
        state = asking(tag)
        return [.send(ClientLine("\(tag) CAPABILITY"))]
    }

    private mutating func begin() -> [Action] {
        do throws(Failure) {
            mechanisms = try SASLMechanism.choose(
                from: capabilities?.authentication ?? [], for: credential.kind, isProtected: isProtected)
        } catch {
            guard mayLogIn else { return fail(error) }
        }
        do throws(Failure) {
            return try mechanisms.isEmpty ? logIn() : authenticate()
        } catch {
            return fail(error)
        }
    }

    /// LOGIN is for servers that have nothing else; it is never tried with a token, or in clear.
    private var mayLogIn: Bool {
        credential.kind == .password && isProtected && capabilities?.isLoginDisabled == false
    }

    private mutating func authenticate() throws(Failure) -> [Action] {
        var exchange = try SASLExchange(
            mechanism: mechanisms.removeFirst(), credential: credential, host: host, port: port)
        let tag = takeTag()
        let command = "\(tag) AUTHENTICATE \(exchange.mechanism.rawValue)"
        let line = initialLine(command, exchange) ?? ClientLine(command)
        if line.isSecret { _ = exchange.initialResponse() }
        announced = nil
        state = .authenticating(tag, exchange)
        return [.send(line)]
    }

    /// RFC 4959: only where the server has SASL-IR, and the line stays short.
    private func initialLine(_ command: String, _ exchange: SASLExchange) -> ClientLine? {
        var exchange = exchange
        guard capabilities?.hasInitialResponse == true, let response = exchange.initialResponse() else { return nil }
        let line = ClientLine(command: command, secret: response)
        return line.count <= IMAPLimits.authenticateLine ? line : nil
    }

    private mutating func logIn() throws(Failure) -> [Action] {
        try SASLExchange.check(credential)
        let tag = takeTag()
        let encoder = IMAPCommandEncoder(literals: capabilities?.literals ?? .synchronizing)
        let lines = encoder.encode(.login(user: credential.user, password: credential.secret), tag: tag)
        announced = nil
        state = .loggingIn(tag, rest: Array(lines.dropFirst()))
        return lines.prefix(1).map(Action.send)
    }

    private mutating func takeTag() -> IMAPTag {
        defer { nextTag = nextTag.next }
        return nextTag
    }

    // MARK: How it ends

    private mutating func signedIn(_ reply: IMAPReply) -> [Action] {
        if let told = reply.capabilities ?? announced { return finish(with: told) }
        return ask(State.askingAfter)
    }

    /// A server that refuses a mechanism without having looked at the token gets the next one; a verdict on the token is
    /// the same in every mechanism, and asking again only counts against the mailbox.
    private mutating func refused(_ reply: IMAPReply, _ exchange: SASLExchange) -> [Action] {
        let failure = classified(reply)
        let isAboutMechanism = reply.status == .bad || reply.code == nil
        guard exchange.mechanism == .oauthBearer, !exchange.wasRefused, isAboutMechanism, !mechanisms.isEmpty,
            failure.condition != .throttled
        else { return fail(failure) }
        do throws(Failure) { return try authenticate() } catch { return fail(error) }
    }

    private func classified(_ reply: IMAPReply) -> Failure {
        var failure = IMAPClassifier.failure(for: reply, during: .signIn, at: greeting.serverKind)
        if let serverError { failure.place["sasl_error"] = serverError.description }
        return failure
    }

    private mutating func finish(with capabilities: IMAPCapabilities) -> [Action] {
        state = .finished
        return [.signedIn(capabilities)]
    }

    private mutating func fail(_ failure: Failure) -> [Action] {
        if case .finished = state { return [] }
        state = .finished
        return [.failed(failure)]
    }

    /// Whoever the server thinks we are, it is not who was configured.
    private mutating func refusePreauth() -> [Action] {
        fail(
            Failure(
                .direction, .whenReconfigured(by: .operatorOfPostbote), operation: "sign in",
                reason: "The server says that somebody is signed in already (PREAUTH). Check host and port.",
                serverLine: greeting.reply.line))
    }
}
