import Diagnostics
import MailModel
import MailProtocol
import Transport

/// Submission with SMTP (RFC 6409), signed in; any number of messages on one connection.
///
/// The shell of `SMTPSession`: it lives on its connection's event loop, does what the session says, and tells it what
/// happened.
public actor SMTPSubmitter: Submitter {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private typealias Marker = @Sendable (_ settled: [Int: SMTPOutcome]) async throws -> Void

    private let loop: EventLoop
    private let connection: Connection
    private let timeouts: SessionTimeouts
    private var session: SMTPSession

    public var isUsable: Bool {
        get async {
            // What comes between two messages is the server's good-bye.
            guard session.isReady, let isSpeaking = try? await connection.awaitData(for: .zero) else { return false }
            return !isSpeaking
        }
    }

    /// Signs in on `connection`, which is closed when that fails.
    ///
    /// - Throws: `Failure`; the condition is `signInRefused` when the server did not like the credential.
    public static func signIn(
        _ credential: SASLCredential, on connection: Connection, timeouts: SessionTimeouts = SessionTimeouts()
    ) async throws -> SMTPSubmitter {
        do {
            let preamble = await connection.takePreamble()
            let capabilities = try SMTPCapabilities(transcript: preamble.greeting + preamble.capabilities)
            let session = SMTPSession(capabilities: capabilities, timeouts: timeouts.submission)
            let submitter = SMTPSubmitter(connection, session, timeouts)
            try await submitter.authenticate(credential)
            return submitter
        } catch {
            await connection.close()
            throw error
        }
    }

    private init(_ connection: Connection, _ session: SMTPSession, _ timeouts: SessionTimeouts) {
        loop = connection.loop
        self.connection = connection
        self.timeouts = timeouts
        self.session = session
    }

    // MARK: Signing in

    private func authenticate(_ credential: SASLCredential) async throws {
        let endpoint = connection.request.endpoint
        // Without TLS the transport connects to loopback only.
        var mechanisms = try SASLMechanism.choose(
            from: session.capabilities.mechanisms, for: credential.kind, isProtected: true)[...]
        let deadline = SignInDeadline(after: timeouts.signIn)
        while let mechanism = mechanisms.popFirst() {
            let exchange = try SASLExchange(
                mechanism: mechanism, credential: credential, host: endpoint.host, port: endpoint.port)
            guard let failure = try await run(exchange, deadline) else { return }
            guard session.refusedMechanismAlone, !mechanisms.isEmpty, session.isReady else { throw failure }
        }
    }

    /// - Returns: why the server refused; `nil` when it did not.
    private func run(_ exchange: SASLExchange, _ deadline: SignInDeadline) async throws -> Failure? {
        var actions = session.authenticate(exchange)
        while true {
            // What came in one piece is looked at as a whole: the server may say welcome and good-bye at once.
            var isSignedIn = false
            var refusal: Failure?
            for action in actions {
                switch action {
                case .send(let line): try await write(line)
                case .signedIn: isSignedIn = true
                case .signInFailed(let failure): refusal = failure
                case .close(let failure): throw refusal ?? failure ?? SMTPSubmitter.lost
                case .sendContent, .commitMarker, .sendFinalDot, .finished, .senderChecked: continue
                }
            }
            if let refusal { return refusal }
            if isSignedIn { return nil }
            try deadline.check()
            actions = receive(try await readReply())
        }
    }

    // MARK: Submitting

    public func submit(
        _ envelope: SMTPEnvelope, content: any MessageContent,
        marker: @escaping @Sendable (_ settled: [Int: SMTPOutcome]) async throws -> Void
    ) async -> SMTPResult {
        // Between two messages a server may say good-bye at any time.
        guard session.isReady else {
            return SMTPResult(outcomes: envelope.recipients.map { _ in .deferred(SMTPSubmitter.lost) })
        }
        var actions = session.submit(envelope)
        while true {
            do {
                if let result = try await perform(&actions, content, marker) { return result }
                if actions.isEmpty { actions = receive(try await readReply()) }
            } catch {
                // Before the final dot nothing was sent; after it the session calls the message in doubt.
                let failure = SMTPSubmitter.failure(error)
                // What concerns the whole daemon is not the server's doing.
                let words = failure.scope < .daemon ? await lastWords() : []
                actions = ended(failure, lastWords: words)
            }
        }
    }

    public func refusal(of sender: MailAddress) async -> Failure? {
        guard session.isReady else { return SMTPSubmitter.lost }
        var actions = session.ask(about: sender)
        var answer: Failure??
        while true {
            do {
                for action in actions {
                    switch action {
                    case .send(let line): try await write(line)
                    case .senderChecked(let refusal): answer = .some(refusal)
                    case .close: await connection.close()
                    case .sendContent, .commitMarker, .sendFinalDot, .finished, .signedIn, .signInFailed: continue
                    }
                }
                if let answer { return answer }
                actions = receive(try await readReply())
            } catch {
                actions = ended(SMTPSubmitter.failure(error), lastWords: await lastWords())
            }
        }
    }

    /// Does what was asked, until there is a result or nothing more to do; what comes of it is in `actions` then.
    private func perform(
        _ actions: inout [SMTPAction], _ content: any MessageContent, _ marker: Marker
    ) async throws -> SMTPResult? {
        var result: SMTPResult?
        let asked = actions
        actions = []
        for action in asked {
            switch action {
            case .send(let line): try await write(line)
            case .sendFinalDot(let line): actions += try await sendFinalDot(line)
            case .sendContent: actions += try await send(content)
            case .commitMarker:
                try await marker(session.settled)
                actions += session.markerCommitted()
            case .finished(let finished): result = finished
            case .close: await connection.close()
            case .signedIn, .signInFailed, .senderChecked: continue
            }
        }
        return result
    }

    /// - Returns: what follows when the dot cannot be sent at all.
    private func sendFinalDot(_ line: ClientLine) async throws -> [SMTPAction] {
        do {
            // The server may have gone while the marker was committed.
            try await connection.checkWritable(during: session.stage.rawValue)
        } catch let failure as Failure {
            return session.finalDotWithheld(failure, lastWords: await lastWords())
        }
        try await write(line)
        return []
    }

    /// Streams the content, and listens between the pieces: a server that has given up on the message says so early.
    private func send(_ content: any MessageContent) async throws -> [SMTPAction] {
        var stuffer = DotStuffer()
        var offset: Int64 = 0
        while true {
            let piece = try await content.read(from: offset)
            var wire: [UInt8] = []
            if piece.isEmpty { stuffer.finish(into: &wire) } else { stuffer.push(piece[...], into: &wire) }
            if !wire.isEmpty {
                let limit = timeouts.submission.contentBlock
                try await connection.write(wire, timeout: limit, during: session.stage.rawValue)
            }
            if piece.isEmpty {
                connection.trace?.client("[\(offset) octets of the message]")
                return session.contentSent()
            }
            offset += Int64(piece.count)
            if try await connection.awaitData(for: .zero) {
                let actions = receive(try await readReply())
                if !actions.isEmpty { return actions }
            }
        }
    }

    private func readReply() async throws -> [UInt8] {
        try await connection.read(timeout: session.replyTimeout ?? timeouts.reply, during: session.stage.rawValue)
    }

    /// What the server said before it went says more than that it went.
    private func lastWords() async -> [UInt8] { (try? await connection.read(timeout: .zero)) ?? [] }

    private func receive(_ octets: [UInt8]) -> [SMTPAction] {
        session.heard.isWanted = connection.isTraced
        defer { connection.hear(&session.heard) }
        return session.receive(octets)
    }

    private func ended(_ failure: Failure, lastWords: [UInt8]) -> [SMTPAction] {
        session.heard.isWanted = connection.isTraced
        defer { connection.hear(&session.heard) }
        return session.connectionEnded(failure, lastWords: lastWords)
    }

    private func write(_ line: ClientLine) async throws {
        try await connection.send([line], timeout: timeouts.write, during: session.stage.rawValue)
    }

    private static let lost = Failure(
        .direction, .later(after: nil), operation: "read from the SMTP server",
        reason: "The server closed the connection without a word. It will be tried again.")

    private static func failure(_ error: any Error) -> Failure {
        switch error {
        case let failure as Failure: failure
        case is CancellationError:
            Failure(.direction, .now, operation: "send", reason: "Postbote is stopping.")
        default: Failure(.direction, .later(after: nil), operation: "send", reason: "Unexpected: \(error)")
        }
    }

    // MARK: Ending

    public func close() async {
        for action in session.quit() {
            guard case .send(let line) = action else { continue }
            connection.trace?.client(line.description)
            try? await connection.write(line.withBytes { $0 }, timeout: timeouts.logout)
            if let octets = try? await connection.read(timeout: timeouts.logout) { _ = receive(octets) }
        }
        await connection.close()
    }
}
