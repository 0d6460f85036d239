import CLibcurl
import Diagnostics
import MailModel

/// One connection to a mail server: opened by libcurl up to the server's capabilities, then bytes in and out.
///
/// Nothing is read from the socket unless somebody asked, so a slow reader slows the server down. One read and one write
/// may be under way at the same time, never two of a kind.
public actor Connection {
    /// What it was opened for.
    public nonisolated let request: ConnectionRequest
    public nonisolated let loop: EventLoop
    /// Where what is said on it is told.
    public nonisolated let trace: TraceChannel?
    public nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// What the server said before, until somebody has taken it.
    public private(set) var preamble = Preamble()

    /// Legal exits: `new` → `connecting` → `open` → `closed`, and from each to `closed`.
    enum State {
        case new
        case connecting(ConnectAttempt, CurlMulti, CheckedContinuation<Void, any Error>)
        case open(Link)
        case closed
    }

    var state = State.new
    /// A chunk that came before it was asked for: while connecting, or in `awaitData`.
    var pending: [UInt8]?
    var reader: Waiter<[UInt8]?>?
    var writer: Waiter<Void>?
    var outgoing: Outgoing?
    /// Whether a write was left unfinished: what the server got of it is unknown, and nothing may follow it.
    var isOutOfStep = false
    private var lastOperation: UInt64 = 0
    /// Of a connection that is only tried, once it is known.
    private var trial: ConnectionTrial?

    /// Connects to the server of `request`, on `loop`.
    /// - Parameter trace: is told how the connection came about, also when it does not.
    /// - Throws: `Failure` that says what to check; `CancellationError`.
    public static func open(
        _ request: ConnectionRequest, on loop: EventLoop, trace: TraceChannel? = nil
    ) async throws -> Connection {
        do {
            try request.check()
            let bundle = try await CABundles.shared.bundle(for: request.trust)
            let connection = Connection(request, on: loop, trace: trace)
            guard let trace, trace.isOpen else {
                try await connection.connect(bundle)
                return connection
            }
            trace.note(request.attemptTold)
            try await connection.connect(bundle, told: trace)
            return connection
        } catch let failure as Failure {
            trace?.note("not connected: \(failure.reason)")
            throw failure
        }
    }

    private func connect(_ bundle: CABundle, told trace: TraceChannel) async throws {
        do {
            try await connect(bundle, isTrial: true)
        } catch {
            tell(trace)
            throw error
        }
        tell(trace)
        trace.serverLines(of: preamble)
    }

    private func tell(_ trace: TraceChannel) {
        for line in trial.take()?.told ?? [] { trace.note(line) }
    }

    /// Connects only to see how far that gets, and closes the connection at once.
    ///
    /// - Throws: `CancellationError`, and `Failure` when the request cannot be meant; a connection that does not come about is
    ///   what the trial tells.
    public static func attempt(_ request: ConnectionRequest, on loop: EventLoop) async throws -> ConnectionTrial {
        try request.check()
        let bundle = try await CABundles.shared.bundle(for: request.trust)
        let connection = Connection(request, on: loop)
        return try await connection.attempt(bundle)
    }

    private func attempt(_ bundle: CABundle) async throws -> ConnectionTrial {
        do {
            try await connect(bundle, isTrial: true)
        } catch let failure as Failure {
            guard let trial = trial.take() else { throw failure }
            return trial
        }
        defer { close() }
        guard let trial = trial.take() else { preconditionFailure("a connection that stands was tried") }
        return trial
    }

    private init(_ request: ConnectionRequest, on loop: EventLoop, trace: TraceChannel? = nil) {
        self.request = request
        self.trace = trace
        self.loop = loop
    }

    isolated deinit { shut() }

    /// What the server said before. It is handed out once: an idle connection does not keep it.
    public func takePreamble() -> Preamble {
        defer { preamble = Preamble() }
        return preamble
    }

    /// Closes the connection; a read or write under way fails. Closing twice changes nothing.
    public func close() {
        shut()
        let failure = CurlFailure.closed(operation: "read or write", peer: request.peer)
        finishRead(.failure(failure))
        finishWrite(.failure(failure))
    }

    private func connect(_ bundle: CABundle, isTrial: Bool = false) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let attempt = ConnectAttempt(request, bundle: bundle, isTrial: isTrial)
                let multi = loop.confined.mailMultis.multi(for: bundle)
                state = .connecting(attempt, multi, continuation)
                multi.start(attempt.easy) { @Sendable [weak self] code in
                    self?.assumeIsolated { $0.connected(code) }
                }
            }
        } onCancel: {
            loop.queue.async { self.assumeIsolated { $0.giveUp() } }
        }
    }

    private func connected(_ code: CURLcode) {
        guard case .connecting(let attempt, let multi, let continuation) = state else { return }
        // libcurl reports success even for a connection that it found dead at once.
        guard code == CURLE_OK, let link = Link(attempt.easy, multi) else {
            let failed = code == CURLE_OK ? CURLE_GOT_NOTHING : code
            let failure = CurlFailure.connecting(attempt.facts(failed), peer: request.peer)
            if attempt.isTrial { trial = attempt.trial(failure, tls: nil) }
            abandon(attempt, multi)
            return continuation.resume(throwing: failure)
        }
        attempt.finish()
        preamble = attempt.collector.preamble
        state = .open(link)
        link.token = loop.confined.poller.add(link.socket) { @Sendable [weak self] _ in
            self?.assumeIsolated { $0.progress() }
        }
        touch()
        link.tls?.readAhead()
        if attempt.isTrial { trial = attempt.trial(nil, tls: link.tls) }
        continuation.resume()
    }

    private func giveUp() {
        guard case .connecting(let attempt, let multi, let continuation) = state else { return }
        abandon(attempt, multi)
        continuation.resume(throwing: CancellationError())
    }

    private func abandon(_ attempt: ConnectAttempt, _ multi: CurlMulti) {
        state = .closed
        multi.remove(attempt.easy)
        attempt.finish()
    }

    /// libcurl prunes a connection that was never read from once it is 118 s old and another one starts. The first read
    /// binds it to its handle for good. What was there already is kept; what failed shows at the first real read.
    private func touch() {
        guard let chunk = try? receive(), !chunk.isEmpty else { return }
        pending = chunk
    }

    /// What the next operation is called, so that its cancellation cannot hit a later one.
    func nextOperation() -> UInt64 {
        lastOperation += 1
        return lastOperation
    }

    private func shut() {
        switch state {
        case .new, .closed: break
        case .connecting: giveUp()
        case .open(let link):
            state = .closed
            trace?.note("closed")
            let resources = loop.confined
            if let token = link.token { resources.poller.remove(token) }
            for alarm in [link.readAlarm, link.writeAlarm].compactMap(\.self) { resources.alarms.remove(alarm) }
            link.multi.remove(link.easy)
        }
        pending = nil
    }
}
