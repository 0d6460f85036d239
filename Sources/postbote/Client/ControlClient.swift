import Diagnostics
import Operations
import Transport

/// Asks the daemon.
struct ControlClient {
    /// An answer, as it came and as the value it holds.
    struct Reply<Value: Codable & Sendable> {
        var value: Value
        var bytes: [UInt8]
    }

    /// What may be sent along.
    enum Body {
        case none
        case json([UInt8])
        case message(MessageFile)
    }

    /// How long an ordinary answer may take.
    static let patience = Duration.seconds(120)

    private let socket: String
    private let http = HTTPSClient(loop: EventLoop())

    /// - Parameter path: the socket to use, from `DaemonSocket`.
    init(socket path: String) { socket = path }

    func get<Value>(_ target: Target, as type: Value.Type, patience: Duration = patience) async throws -> Reply<Value>
    {
        try await send("GET", target, .none, as: type, patience: patience)
    }

    func post<Value>(
        _ target: Target, _ body: Body = .none, as type: Value.Type, key: String? = nil, patience: Duration = patience
    ) async throws -> Reply<Value> {
        try await send("POST", target, body, as: type, key: key, patience: patience)
    }

    /// Asks for what comes line by line, each a value, and returns when no more come.
    ///
    /// - Parameter take: gets each line as it came and as the value it holds, as soon as it is there.
    func stream<Value: Codable & Sendable>(
        _ target: Target, of type: Value.Type, patience: Duration,
        take: @escaping @Sendable (Reply<Value>) throws -> Void
    ) async throws {
        let lines = LineStream { line in
            do {
                try take(Reply(value: try JSON.decode(Versioned<Value>.self, from: line).value, bytes: line))
            } catch is DecodingError {
                throw ControlClient.notUnderstood
            }
        }
        var request = request("GET", target, patience: patience)
        request.take = { lines.add($0) }
        do {
            let response = try await answer(to: request)
            guard (200..<300).contains(response.status) else { throw problem(response) }
        } catch {
            throw lines.error ?? error
        }
    }

    private func request(_ method: String, _ target: Target, patience: Duration) -> HTTPRequest {
        HTTPRequest(
            method, "http://localhost\(target)", timeout: patience, responseLimit: 64 << 20, unixSocketPath: socket,
            operation: "ask the daemon")
    }

    private func send<Value>(
        _ method: String, _ target: Target, _ body: Body, as type: Value.Type, key: String? = nil, patience: Duration
    ) async throws -> Reply<Value> {
        var request = request(method, target, patience: patience)
        switch body {
        case .none: break
        case .json(let bytes):
            request.headers.append("Content-Type", "application/json")
            request.body = .bytes(bytes)
        case .message(let file):
            request.headers.append("Content-Type", "message/rfc822")
            request.body = .file(descriptor: file.descriptor, length: file.length)
        }
        if let key { request.headers.append("Idempotency-Key", key) }
        return try reply(try await answer(to: request), as: type)
    }

    private func answer(to request: HTTPRequest) async throws -> HTTPResponse {
        do {
            return try await http.send(request)
        } catch let failure as Failure {
            // What is wrong with the request itself never left this program.
            if case .whenReconfigured = failure.retry { throw CommandFailure(.usage, failure.reason) }
            var lost = CommandFailure(.unreachable, "the daemon did not answer: \(failure.reason)")
            lost.isLostAnswer = true
            throw lost
        }
    }

    private func reply<Value>(_ response: HTTPResponse, as type: Value.Type) throws -> Reply<Value> {
        guard (200..<300).contains(response.status) else { throw problem(response) }
        do {
            return Reply(
                value: try JSON.decode(Versioned<Value>.self, from: response.body).value, bytes: response.body)
        } catch {
            throw ControlClient.notUnderstood
        }
    }

    private func problem(_ response: HTTPResponse) -> CommandFailure {
        guard let problem = try? JSON.decode(Problem.self, from: response.body) else {
            return CommandFailure(.internalError, "the daemon answered with status \(response.status)")
        }
        return CommandFailure(problem)
    }

    private static let notUnderstood = CommandFailure(
        .internalError, "the daemon's answer is not understood: is it the same release as this program?")
}
