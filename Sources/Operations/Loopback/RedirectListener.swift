import Diagnostics
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

/// Waits on loopback for the browser that comes back from a sign-in (RFC 8252 §7.3), for one command and one sign-in.
///
/// It answers the one redirect it waits for. Whatever else asks (a favicon, another page, another host's name) gets a
/// refusal and ends nothing.
public actor RedirectListener {
    /// Which request is the redirect.
    public struct Expected: Sendable {
        var path: String
        var state: String

        /// - Parameter redirectURI: `http://localhost:PORT/PATH`.
        public init(redirectURI: String, state: String) {
            let rest = redirectURI.firstRange(of: "://").map { redirectURI[$0.upperBound...] } ?? redirectURI[...]
            let path = rest.firstIndex(of: "/").map { rest[$0...].prefix { $0 != "?" } } ?? ""
            // A browser asks for at least this.
            self.path = path.isEmpty ? "/" : String(path)
            self.state = state
        }
    }

    /// The browser's answer. Its page comes from `answer`, which must be called.
    public struct Visit: Sendable {
        public var parameters: RedirectParameters
        let reply: CheckedContinuation<RedirectPage, Never>

        public func answer(_ page: RedirectPage) { reply.resume(returning: page) }
    }

    private enum Phase {
        /// Nothing is expected; exits to `waiting`.
        case idle
        /// Exits to `idle` with a visit or when the wait is cancelled.
        case waiting(Expected, CheckedContinuation<Visit, any Error>)
    }

    private let wanted: Int
    private var port = 0
    private var phase = Phase.idle
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private var server: Server<HTTP1Channel>?
    private var running: Task<Void, Never>?

    /// - Parameter port: 0: any that is free.
    public init(port: Int) { wanted = port }

    /// Returns the port once it listens. A port that cannot be had is a `Failure`.
    public func start() async throws -> Int {
        let logger = Logger(label: "loopback") { _ in SwiftLogNoOpLogHandler() }
        let (started, continuation) = AsyncThrowingStream.makeStream(of: Int.self)
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { [weak self] request, writer, _ in
                    let page = await self?.page(for: request) ?? .stray
                    let response = page.response
                    try await writer.write(response: response.head, body: response.body)
                }, configuration: HTTP1Channel.Configuration(idleTimeout: .seconds(60))),
            configuration: ServerConfiguration(
                address: .hostname("127.0.0.1", port: wanted),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    Limits.loopbackConnections, logger: logger)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? 0) },
            eventLoopGroup: group, logger: logger)
        self.server = server
        running = Task {
            do {
                try await server.run()
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        do {
            for try await port in started {
                self.port = port
                return port
            }
            throw CancellationError()
        } catch {
            let place = wanted == 0 ? "127.0.0.1" : "127.0.0.1:\(wanted)"
            throw Failure(
                .account, .never, operation: "listen on \(place)",
                reason: (error as? IOError).map { String(describing: $0) } ?? "\(error)")
        }
    }

    /// Returns the redirect when it comes.
    public func visit(_ expected: Expected) async throws -> Visit {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard !Task.isCancelled, case .idle = phase else {
                    return continuation.resume(throwing: CancellationError())
                }
                phase = .waiting(expected, continuation)
            }
        } onCancel: {
            Task { await self.giveUp() }
        }
    }

    /// Returns when the last answer is on its way, or after two seconds.
    public func stop() async {
        if let running, let server {
            let graceful = Task { try? await server.shutdownGracefully() }
            let impatience = Task {
                try await Task.sleep(for: .seconds(2))
                running.cancel()
            }
            await running.value
            impatience.cancel()
            await graceful.value
        }
        try? await group.shutdownGracefully()
    }

    private func giveUp() {
        guard case .waiting(_, let continuation) = phase else { return }
        phase = .idle
        continuation.resume(throwing: CancellationError())
    }

    private func page(for request: Request) async -> RedirectPage {
        // Another name for this address is another site's script that asks (DNS rebinding).
        guard ["localhost:\(port)", "127.0.0.1:\(port)"].contains(request.head.authority?.lowercased()) else {
            return .wrongHost
        }
        guard request.method == .get else { return .wrongMethod }
        let parameters = RedirectParameters(query: request.uri.query ?? "")
        guard case .waiting(let expected, let continuation) = phase, request.uri.path == expected.path,
            parameters["state"] == expected.state
        else { return .stray }
        phase = .idle
        return await withCheckedContinuation { reply in
            continuation.resume(returning: Visit(parameters: parameters, reply: reply))
        }
    }
}
