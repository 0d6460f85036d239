/// One SMTP session as the server sees it: commands in, replies out (RFC 5321, 4954, 6409). No socket, no clock.
struct SMTPSession: Sendable {
    /// What the connection does next.
    enum Step: Sendable, Equatable {
        case reply([String])
        /// This reply, then the message.
        case data([String])
        /// This reply, then TLS.
        case startTLS([String])
        /// This reply, then the end.
        case close([String])
    }

    private enum State: Sendable, Equatable {
        case commands
        case authenticating(mechanism: String, answers: [String])
        /// The client must answer the JSON status with a dummy.
        case refusing
    }

    let options: SMTPServerOptions
    private(set) var isEncrypted: Bool
    private(set) var user: String?
    private(set) var envelope: SMTPTransaction?
    private(set) var violations: [String] = []
    private var state = State.commands
    private var hasGreeted = false
    private var isExtended = false
    private var declaredSize: Int?
    private var allows8Bit = false
    private var allowsUTF8 = false

    init(options: SMTPServerOptions, isEncrypted: Bool) {
        self.options = options
        self.isEncrypted = isEncrypted
    }

    var greeting: [String] { ["220 \(options.hostname) ESMTP ready"] }
    var isAuthenticating: Bool { state != .commands }

    mutating func tlsStarted() {
        self = SMTPSession(options: options, isEncrypted: true, violations: violations)
    }

    private init(options: SMTPServerOptions, isEncrypted: Bool, violations: [String]) {
        self.init(options: options, isEncrypted: isEncrypted)
        self.violations = violations
    }

    /// - Parameter hasMore: Whether the client sent more before it could know the answer.
    mutating func receive(verb: String, argument: String, hasMore: Bool) -> Step {
        noteEarlyInput(verb, hasMore: hasMore)
        switch verb {
        case "EHLO", "HELO": return hello(verb, argument)
        case "STARTTLS": return startTLS(argument)
        case "AUTH": return authenticate(argument)
        case "MAIL": return mail(argument)
        case "RCPT": return recipient(argument)
        case "DATA": return data(argument)
        case "RSET":
            envelope = nil
            return .reply(["250 2.0.0 Reset"])
        case "NOOP": return .reply(["250 2.0.0 Ok"])
        case "VRFY": return .reply(["252 2.1.5 Cannot verify"])
        case "QUIT": return .close(["221 2.0.0 Bye"])
        default:
            violations.append("unknown command \(verb)")
            return .reply(["500 5.5.1 Unknown command"])
        }
    }

    /// RFC 2920 §3.1: which commands must be the last of a group.
    private mutating func noteEarlyInput(_ verb: String, hasMore: Bool) {
        guard hasMore else { return }
        let mayBeFollowed = ["MAIL", "RCPT", "RSET"].contains(verb)
        let isGrouped = options.extensions.contains(.pipelining) && isExtended
        if !mayBeFollowed || !isGrouped { violations.append("input before the reply to \(verb)") }
    }

    private mutating func hello(_ verb: String, _ argument: String) -> Step {
        guard !argument.isEmpty else { return .reply(["501 5.5.4 \(verb) needs a name"]) }
        hasGreeted = true
        isExtended = verb == "EHLO"
        envelope = nil
        guard isExtended else { return .reply(["250 \(options.hostname)"]) }
        let lines = [options.hostname] + announcements
        return .reply(
            lines.enumerated().map { index, line in index == lines.count - 1 ? "250 \(line)" : "250-\(line)" })
    }

    private var announcements: [String] {
        let extensions = options.extensions
        var lines: [String] = []
        if extensions.contains(.pipelining) { lines.append("PIPELINING") }
        if extensions.contains(.size) { lines.append("SIZE \(options.largestMessage)") }
        if extensions.contains(.eightBitMIME) { lines.append("8BITMIME") }
        if extensions.contains(.smtpUTF8) { lines.append("SMTPUTF8") }
        if extensions.contains(.enhancedStatusCodes) { lines.append("ENHANCEDSTATUSCODES") }
        if extensions.contains(.dsn) { lines.append("DSN") }
        if extensions.contains(.startTLS), !isEncrypted { lines.append("STARTTLS") }
        if extensions.contains(.auth), isEncrypted || !options.requiresTLS {
            lines.append("AUTH " + options.mechanisms.joined(separator: " "))
        }
        return lines
    }

    private func startTLS(_ argument: String) -> Step {
        guard options.extensions.contains(.startTLS), !isEncrypted else { return .reply(["503 5.5.1 No TLS here"]) }
        guard argument.isEmpty else { return .reply(["501 5.5.4 STARTTLS has no parameters"]) }
        return .startTLS(["220 2.0.0 Go ahead"])
    }

    // MARK: Signing in

    private mutating func authenticate(_ argument: String) -> Step {
        let words = argument.split(separator: " ").map(String.init)
        guard hasGreeted, options.extensions.contains(.auth) else { return .reply(["503 5.5.1 AUTH is not offered"]) }
        if options.requiresTLS, !isEncrypted { return .reply(["538 5.7.11 Encryption is needed first"]) }
        guard user == nil, envelope == nil else { return .reply(["503 5.5.1 Not now"]) }
        guard let mechanism = words.first?.uppercased(), options.mechanisms.contains(mechanism), words.count < 3
        else {
            return .reply(["504 5.5.4 Unknown mechanism"])
        }
        // RFC 4954 §4: the command line keeps RFC 5321's limit; longer responses follow a challenge.
        if argument.utf8.count + 7 > 512 { violations.append("AUTH line over 512 octets") }
        state = .authenticating(mechanism: mechanism, answers: [])
        guard words.count == 2 else {
            return .reply([mechanism == "LOGIN" ? "334 VXNlcm5hbWU6" : "334 "])
        }
        return receive(response: words[1] == "=" ? "" : words[1])
    }

    /// A line of the client's during AUTH.
    mutating func receive(response: String) -> Step {
        if state == .refusing {
            state = .commands
            return refusal
        }
        guard case .authenticating(let mechanism, let answers) = state else { return .reply(["503 5.5.1 No AUTH"]) }
        state = .commands
        if response == "*" { return .reply(["501 5.0.0 Cancelled"]) }
        guard let text = SMTPCredentials.decoded(response) else { return .reply(["501 5.5.2 No base64"]) }
        if mechanism == "LOGIN", answers.isEmpty {
            state = .authenticating(mechanism: mechanism, answers: [text])
            return .reply(["334 UGFzc3dvcmQ6"])
        }
        guard let credentials = SMTPCredentials(mechanism: mechanism, answers: answers + [text]) else {
            return .reply(["501 5.5.2 Malformed response"])
        }
        guard credentials.areValid(options) else { return refuse(credentials) }
        user = credentials.user
        return .reply(["235 2.7.0 Authentication successful"])
    }

    private var refusal: Step { .reply(["535 5.7.8 Authentication credentials invalid"]) }

    private mutating func refuse(_ credentials: SMTPCredentials) -> Step {
        guard credentials.isToken, options.tokenRefusal == .challenge else {
            return credentials.isToken
                ? .reply(["535 5.7.3 Authentication unsuccessful [\(options.hostname)]"]) : refusal
        }
        state = .refusing
        return .reply(["334 " + SMTPCredentials.encoded("{\"status\":\"401\",\"schemes\":\"bearer\"}")])
    }

    // MARK: Transactions

    private mutating func mail(_ argument: String) -> Step {
        guard hasGreeted else { return .reply(["503 5.5.1 EHLO first"]) }
        if options.requiresTLS, !isEncrypted { return .reply(["530 5.7.0 Must issue a STARTTLS command first"]) }
        if options.requiresAuthentication, user == nil { return .reply(["530 5.7.0 Authentication required"]) }
        guard envelope == nil else { return .reply(["503 5.5.1 Nested MAIL"]) }
        guard let command = SMTPPathCommand(argument, keyword: "FROM") else {
            return .reply(["501 5.5.4 Syntax: MAIL FROM:<path>"])
        }
        if let refusal = check(command) { return .reply([refusal]) }
        envelope = SMTPTransaction(
            reversePath: command.path, parameters: command.parameters, recipients: [], bytes: [])
        return .reply(["250 2.1.0 Sender ok"])
    }

    private mutating func check(_ command: SMTPPathCommand) -> String? {
        (declaredSize, allows8Bit, allowsUTF8) = (nil, false, false)
        for parameter in command.parameters {
            let parts = parameter.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts[0].uppercased(), parts.count > 1 ? parts[1].uppercased() : nil) {
            case ("SIZE", let value) where options.extensions.contains(.size):
                guard let size = value.flatMap({ Int($0) }) else { return "501 5.5.4 SIZE needs a number" }
                if size > options.largestMessage { return "552 5.3.4 Message is too large" }
                declaredSize = size
            case ("BODY", "8BITMIME") where options.extensions.contains(.eightBitMIME): allows8Bit = true
            case ("BODY", "7BIT") where options.extensions.contains(.eightBitMIME): break
            case ("SMTPUTF8", nil) where options.extensions.contains(.smtpUTF8): allowsUTF8 = true
            case ("RET", _) where options.extensions.contains(.dsn),
                ("ENVID", _) where options.extensions.contains(.dsn):
                break
            case ("AUTH", _) where options.extensions.contains(.auth): break
            default: return "555 5.5.4 Unsupported parameter \(parameter)"
            }
        }
        return command.isASCII || allowsUTF8 ? nil : "553 5.6.7 SMTPUTF8 is needed"
    }

    private mutating func recipient(_ argument: String) -> Step {
        guard let count = envelope?.recipients.count else { return .reply(["503 5.5.1 MAIL first"]) }
        guard let command = SMTPPathCommand(argument, keyword: "TO"), !command.path.isEmpty else {
            return .reply(["501 5.5.4 Syntax: RCPT TO:<path>"])
        }
        guard command.parameters.isEmpty || options.extensions.contains(.dsn) else {
            return .reply(["555 5.5.4 Unsupported parameter"])
        }
        guard command.isASCII || allowsUTF8 else { return .reply(["553 5.6.7 SMTPUTF8 is needed"]) }
        guard count < options.mostRecipients else { return .reply(["452 4.5.3 Too many recipients"]) }
        envelope?.recipients.append(command.path)
        return .reply(["250 2.1.5 Recipient ok"])
    }

    private func data(_ argument: String) -> Step {
        guard let envelope else { return .reply(["503 5.5.1 MAIL first"]) }
        guard argument.isEmpty else { return .reply(["501 5.5.4 DATA has no parameters"]) }
        guard !envelope.recipients.isEmpty else { return .reply(["554 5.5.1 No valid recipients"]) }
        return .data(["354 End data with <CR><LF>.<CR><LF>"])
    }

    /// The message is there. Returns it when it can be taken over, else the refusal.
    mutating func receive(_ message: SMTPDataReader) -> Result<SMTPTransaction, SMTPRefusal> {
        guard var transaction = envelope else { return .failure(SMTPRefusal(line: "503 5.5.1 MAIL first")) }
        envelope = nil
        violations += message.violations.sorted()
        if message.hasEightBit, !allows8Bit { violations.append("8-bit content without BODY=8BITMIME") }
        if let declaredSize, declaredSize < message.bytes.count { violations.append("more octets than SIZE said") }
        // What Exchange says to bare LF in content.
        if !message.violations.isDisjoint(with: ["bare LF", "bare CR", "NUL"]) {
            return .failure(SMTPRefusal(line: "550 5.6.11 Invalid characters"))
        }
        guard message.bytes.count <= options.largestMessage else {
            return .failure(SMTPRefusal(line: "552 5.3.4 Message is too large"))
        }
        transaction.bytes = message.bytes
        return .success(transaction)
    }

    mutating func note(violation: String) { violations.append(violation) }
}

/// Why a message is not taken over.
struct SMTPRefusal: Error, Equatable { let line: String }
