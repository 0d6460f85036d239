import Diagnostics
import MailModel
import MailProtocol
import Transport

/// Commands out, replies in, over one POP3 connection: the shell of `POP3Session`, on the connection's event loop.
actor POP3Dialog {
    nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

    private let connection: Connection
    private let timeouts: SessionTimeouts
    private var session: POP3Session
    /// An operation has begun and not ended well.
    private(set) var isOutOfStep = false

    init(_ connection: Connection, _ timeouts: SessionTimeouts) async {
        self.connection = connection
        self.timeouts = timeouts
        let preamble = await connection.takePreamble()
        session = POP3Session(capabilities: POP3Capabilities(transcript: preamble.capabilities))
    }

    // MARK: Signing in

    func signIn(_ credential: SASLCredential) async throws {
        let endpoint = connection.request.endpoint
        var mechanisms: [SASLMechanism] = []
        do {
            // Without TLS the transport connects to loopback only.
            mechanisms = try SASLMechanism.choose(
                from: session.capabilities.mechanisms, for: credential.kind, isProtected: true)
        } catch {
            guard credential.kind == .password else { throw error }
            return try await finish(session.authenticate(withUserAndPassword: credential))
        }
        let exchanges = try mechanisms.prefix(2).map {
            try SASLExchange(mechanism: $0, credential: credential, host: endpoint.host, port: endpoint.port)
        }
        try await finish(session.authenticate(exchanges[0], orElse: exchanges.dropFirst().first))
    }

    private func finish(_ first: [POP3Action]) async throws {
        var actions = first
        let deadline = SignInDeadline(after: timeouts.signIn)
        while true {
            // What came in one piece is looked at as a whole: the server may say welcome and good-bye at once.
            var isSignedIn = false
            var refusal: Failure?
            for action in actions {
                switch action {
                case .send(let line): try await write(line, POP3Dialog.signIn)
                case .signedIn: isSignedIn = true
                case .signInFailed(let failure): refusal = failure
                case .close(let failure): throw refusal ?? failure ?? POP3Dialog.lost
                default: continue
                }
            }
            if let refusal { throw refusal }
            if isSignedIn { return }
            try deadline.check()
            actions = receive(try await connection.read(timeout: timeouts.reply, during: POP3Dialog.signIn))
        }
    }

    // MARK: Commands

    /// Runs `commands` and gives everything that comes to `collector`, which decides what a refusal means.
    ///
    /// - Parameter timeout: for the next octets; `nil`: that of a reply.
    func run<Collector: POP3Collector>(
        _ commands: [POP3Command], timeout: Duration? = nil, into collector: Collector
    ) async throws -> Collector {
        guard !commands.isEmpty else { return collector }
        isOutOfStep = true
        var collector = collector
        var open = commands[...]
        do {
            var actions = session.run(commands)
            while true {
                try await take(actions, &collector, &open)
                try await collector.chunkEnded()
                guard let next = open.first else { break }
                let octets = try await connection.read(timeout: timeout ?? timeouts.reply, during: next.name)
                actions = receive(octets)
            }
            try await collector.ended()
        } catch {
            await collector.abandoned()
            throw error
        }
        isOutOfStep = false
        return collector
    }

    private func take(
        _ actions: [POP3Action], _ collector: inout some POP3Collector, _ open: inout ArraySlice<POP3Command>
    ) async throws {
        for action in actions {
            switch action {
            case .send(let line): try await write(line, open.first?.name ?? "POP3")
            case .close(let failure):
                // QUIT ends the session, as it should.
                if let failure { throw failure }
                guard open.isEmpty else { throw POP3Dialog.lost }
            case .done, .refused:
                open = open.dropFirst()
                try collector.take(action)
            default: try collector.take(action)
            }
        }
    }

    private func receive(_ octets: [UInt8]) -> [POP3Action] {
        session.heard.isWanted = connection.isTraced
        let actions = session.receive(octets[...])
        connection.hear(&session.heard)
        return actions
    }

    private func write(_ line: ClientLine, _ operation: String) async throws {
        try await connection.send([line], timeout: timeouts.write, during: operation)
    }

    private static let signIn = "sign in"
    private static let lost = Failure(
        .direction, .later(after: nil), operation: "read from the POP3 server",
        reason: "The server closed the connection without a word. It will be tried again.")

    // MARK: Ending

    /// - Parameter deleting: messages are marked, and their deletion takes as long as it takes.
    /// - Returns: what kept them from being removed, or from being known to be.
    func close(deleting: Bool) async -> Failure? {
        let failure = await quit(timeout: deleting ? timeouts.reply : timeouts.logout)
        await connection.close()
        return deleting ? failure : nil
    }

    private func quit(timeout: Duration) async -> Failure? {
        guard !isOutOfStep, session.isReady else { return POP3Dialog.noQuit }
        do {
            _ = try await run([.quit], timeout: timeout, into: POP3Listings())
            return nil
        } catch {
            return error as? Failure ?? POP3Dialog.noQuit
        }
    }

    private static let noQuit = Failure(
        .folder, .later(after: nil), operation: "QUIT",
        reason:
            "The session broke before its good-bye, so that the messages that were to be deleted are still there. They are "
            + "deleted at the next visit.")
}
