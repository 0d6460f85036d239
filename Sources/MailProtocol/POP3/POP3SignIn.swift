import Diagnostics
import MailModel

/// One sign-in: SASL (RFC 5034), or USER and PASS (RFC 1939 §7).
struct POP3SignIn: Sendable {
    enum Step: Equatable {
        case send(ClientLine)
        case signedIn
        case failed(Failure)
    }

    private enum State: Sendable {
        /// The bare command was sent. The credential goes out after `+`; a server that wants it in the same line
        /// refuses.
        case asking(SASLExchange)
        /// The credential was sent.
        case answering(SASLExchange)
        /// `*` was sent, for the reason given.
        case cancelling(Failure)
        case user(Secret)
        case password
    }

    /// What begins the sign-in.
    let firstLine: ClientLine
    private var state: State
    /// Tried when the server refuses the mechanism and not the credential.
    private var fallback: SASLExchange?

    /// Asks first and sends the credential after `+`: Exchange wants that, and RFC 5034 §4 where the line would
    /// exceed 255 octets, as it does with every token. Gmail documents the form in one line, which is tried after a
    /// refusal.
    ///
    /// - Parameter fallback: another mechanism for the same credential.
    init(_ exchange: SASLExchange, orElse fallback: SASLExchange? = nil) {
        firstLine = POP3SignIn.line(exchange)
        state = .asking(exchange)
        self.fallback = fallback
    }

    private static func line(_ exchange: SASLExchange) -> ClientLine {
        ClientLine("AUTH \(exchange.mechanism.rawValue)")
    }

    init(userAndPassword credential: SASLCredential) throws(Failure) {
        let breaksLine = { (octet: UInt8) in octet < 0x20 || octet == 0x7F }
        guard credential.kind == .password, !credential.user.isEmpty,
            !credential.user.utf8.contains(where: breaksLine),
            !credential.secret.isEmpty, !credential.secret.withBytes({ $0.contains(where: breaksLine) })
        else {
            throw Failure(
                .direction, .whenReconfigured(by: .operatorOfPostbote), operation: "sign in",
                reason: "The server takes only USER and PASS, and the account has no login and password fit for them."
            )
        }
        firstLine = ClientLine("USER \(credential.user)")
        state = .user(credential.secret)
    }

    /// The answer to a continuation, `+` and a challenge.
    mutating func answer(_ challenge: ArraySlice<UInt8>) -> ClientLine {
        switch state {
        case .asking(let exchange), .answering(let exchange):
            var exchange = exchange
            do {
                let response = try exchange.respond(to: challenge.trimmed)
                state = .answering(exchange)
                return ClientLine(secret: response)
            } catch {
                state = .cancelling(error)
                return ClientLine("*")
            }
        case .cancelling, .user, .password:
            state = .cancelling(POP3Session.outOfStep("It asks for more than it was offered."))
            return ClientLine("*")
        }
    }

    mutating func take(_ status: POP3Status, loginDelay: Duration?) -> Step {
        let refusal = POP3Classifier.signIn(status, loginDelay: loginDelay)
        switch state {
        case .cancelling(let reason): return .failed(reason)
        case .asking(var exchange):
            guard !status.isPositive else {
                return .failed(POP3Session.outOfStep("It said OK before it had seen a credential."))
            }
            // Without a response code the refusal may be about the form only.
            guard status.code == nil, let response = exchange.initialResponse() else {
                return refused(exchange, status, refusal)
            }
            state = .answering(exchange)
            return .send(ClientLine(command: "AUTH \(exchange.mechanism.rawValue)", secret: response))
        case .answering(let exchange):
            if status.isPositive { return .signedIn }
            let serverError = exchange.serverError?.description
            return refused(exchange, status, serverError.map { refusal.at("token_error", $0) } ?? refusal)
        case .user(let password):
            guard status.isPositive else { return .failed(refusal) }
            state = .password
            return .send(ClientLine(command: "PASS", secret: password))
        case .password:
            return status.isPositive ? .signedIn : .failed(refusal)
        }
    }

    /// A server that refuses OAUTHBEARER without having looked at the token, perhaps for its host and port, gets the
    /// other mechanism; a verdict on the token is the same in every mechanism.
    private mutating func refused(_ exchange: SASLExchange, _ status: POP3Status, _ failure: Failure) -> Step {
        guard exchange.mechanism == .oauthBearer, !exchange.wasRefused, status.code == nil,
            failure.condition != .throttled, let next = fallback
        else { return .failed(failure) }
        fallback = nil
        state = .asking(next)
        return .send(POP3SignIn.line(next))
    }
}
