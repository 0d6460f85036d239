import Diagnostics
import MailModel

/// One sign-in with one mechanism: challenges in, responses out, both as the base64 that goes over the wire
/// (RFC 4422; framed by RFC 3501 §6.2.2, RFC 4954 §4 and RFC 5034 §4).
///
/// The caller frames the responses as lines of its protocol, and sends `initialResponse()` with the command where
/// server and line length allow it, or else as the answer to the first challenge, which is then empty.
public struct SASLExchange: Sendable {
    private enum State: Sendable {
        /// Nothing was sent. Exits: `responded`, `named`.
        case fresh
        /// All the mechanism has to say was said. Exit: `refused`.
        case responded
        /// LOGIN: the user was named, the password not yet given. Exit: `responded`.
        case named
        /// A bearer mechanism acknowledged the server's error; only the refusal can follow.
        case refused
    }

    public let mechanism: SASLMechanism
    /// Why the server refused the token, when it said so in a challenge.
    public private(set) var serverError: SASLServerError?
    /// Whether the server answered the token with an error challenge, readable or not.
    public var wasRefused: Bool { state == .refused }

    private let credential: SASLCredential
    private let host: String
    private let port: Int
    private var state = State.fresh

    /// - Parameters:
    ///   - host: the server's name as configured; OAUTHBEARER tells it to the server, which may insist on its own.
    /// - Throws: when the credential is empty, of the wrong kind for the mechanism, or has characters that would
    ///   change the meaning of what is sent.
    public init(
        mechanism: SASLMechanism, credential: SASLCredential, host: String, port: Int
    ) throws(Failure) {
        guard mechanism.credentialKind == credential.kind else {
            throw SASLExchange.misconfigured("\(mechanism.rawValue) cannot carry a \(credential.kind.rawValue).")
        }
        try SASLExchange.check(credential)
        self.mechanism = mechanism
        self.credential = credential
        self.host = host
        self.port = port
    }

    /// What can be sent along with the command; `nil` when the mechanism lets the server begin (LOGIN).
    /// Calling it means that it is sent.
    public mutating func initialResponse() -> Secret? {
        guard state == .fresh, let message = clientFirstMessage() else { return nil }
        state = .responded
        return SASLExchange.encoded(message)
    }

    /// The answer to a challenge: base64 text after `+ ` or `334 `, without its line end. An empty answer is an
    /// empty line.
    ///
    /// - Throws: when the server asks for more than the mechanism has. The caller cancels with `*`.
    public mutating func respond(to challenge: some RandomAccessCollection<UInt8>) throws(Failure) -> Secret {
        guard challenge.count <= SASLLimits.challenge else {
            throw outOfStep("The server sent a challenge of \(challenge.count) octets.")
        }
        switch state {
        case .fresh: return answerFirst()
        case .named:
            state = .responded
            return credential.secret.withBytes { SASLExchange.encoded($0) }
        case .responded where mechanism.credentialKind == .bearer:
            state = .refused
            serverError = SASLExchange.error(in: Array(challenge))
            return acknowledgement
        case .responded, .refused:
            throw outOfStep("The server asked for more than \(mechanism.rawValue) has to say.")
        }
    }

    private mutating func answerFirst() -> Secret {
        if let response = initialResponse() { return response }
        state = .named
        return SASLExchange.encoded(Array(credential.user.utf8))
    }

    /// XOAUTH2 wants an empty line, OAUTHBEARER a single ^A (RFC 7628 §3.2.3); only then comes the refusal.
    private var acknowledgement: Secret {
        mechanism == .oauthBearer ? Secret("AQ==") : Secret("")
    }

    private func clientFirstMessage() -> [UInt8]? {
        switch mechanism {
        case .xoauth2: message("user=\(credential.user)\u{1}auth=Bearer ", closing: "\u{1}\u{1}")
        case .oauthBearer:
            // RFC 7628 §3.1: the gs2 header, then key/value pairs.
            message(
                "n,a=\(escapedUser),\u{1}host=\(host)\u{1}port=\(port)\u{1}auth=Bearer ", closing: "\u{1}\u{1}")
        case .plain: message("\u{0}\(credential.user)\u{0}", closing: "")
        case .login: nil
        }
    }

    private func message(_ start: String, closing: String) -> [UInt8] {
        credential.secret.withBytes { Array(start.utf8) + $0 + Array(closing.utf8) }
    }

    /// RFC 5801 §4: `=` and `,` in a saslname.
    private var escapedUser: String {
        credential.user.reduce(into: "") { text, character in
            switch character {
            case "=": text += "=3D"
            case ",": text += "=2C"
            default: text.append(character)
            }
        }
    }

    private static func encoded(_ message: [UInt8]) -> Secret { Secret(bytes: Base64.encode(message)) }

    private static func error(in challenge: [UInt8]) -> SASLServerError? {
        // Some servers forget the base64.
        SASLServerError(json: Base64.decode(challenge) ?? challenge)
    }
}

extension SASLExchange {
    /// No control characters: NUL separates in PLAIN, ^A in the bearer mechanisms, CR and LF end lines.
    static func check(_ credential: SASLCredential) throws(Failure) {
        guard !credential.secret.isEmpty else { throw misconfigured("The \(credential.kind.rawValue) is empty.") }
        guard !credential.user.isEmpty, !credential.user.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw misconfigured("The login is empty or has control characters in it. Correct `login`.")
        }
        let isClean = credential.secret.withBytes { bytes in
            switch credential.kind {
            // RFC 6750 §2.1: b64token, all of it visible ASCII.
            case .bearer: bytes.allSatisfy { (0x21...0x7E).contains($0) }
            case .password: !bytes.contains { $0 == 0 || $0 == 0x0A || $0 == 0x0D }
            }
        }
        guard isClean else {
            throw misconfigured("The \(credential.kind.rawValue) has characters in it that it cannot have.")
        }
    }

    private static func misconfigured(_ reason: String) -> Failure {
        Failure(.direction, .whenReconfigured(by: .operatorOfPostbote), operation: "sign in", reason: reason)
    }

    private func outOfStep(_ reason: String) -> Failure {
        Failure(.direction, .later(after: nil), operation: "sign in", reason: reason)
    }
}
