import Diagnostics
import Hummingbird
import HummingbirdCore
import Logging
import MailModel
import NIOCore
import NIOPosix

/// The web console's listener, on this machine alone: a reverse proxy in front of it brings TLS.
public actor ConsoleServer {
    private let settings: ConsoleSettings
    private let service: any SelfService
    private let clock: any WallClock
    private let logger: Logger
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private var server: Server<HTTP1Channel>?
    private var running: Task<Void, Never>?

    /// - Parameter logger: for what the HTTP library says.
    public init(
        _ service: any SelfService, settings: ConsoleSettings, clock: any WallClock = SystemClock(), logger: Logger
    ) {
        self.service = service
        self.settings = settings
        self.clock = clock
        self.logger = logger
    }

    /// Returns when it listens. A port that cannot be had is a `Failure`.
    ///
    /// - Returns: the port.
    @discardableResult
    public func start() async throws -> Int {
        let (host, port) = try ConsoleServer.place(settings.listen)
        let responder = ConsoleResponder(ConsoleFront(settings), service, clock: clock)
        let (started, continuation) = AsyncThrowingStream.makeStream(of: Int.self)
        let server = Server(
            childChannelSetup: HTTP1Channel(
                responder: { request, writer, channel in
                    let peer = channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
                    let response = await responder.respond(to: request, from: peer)
                    try await writer.write(response: response.head, body: response.body)
                },
                configuration: HTTP1Channel.Configuration(
                    idleTimeout: .seconds(Limits.connectionSilence.components.seconds),
                    httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                        maxHeaderFieldSize: Limits.requestHeadOctets, maxHeaderListSize: Limits.requestHeadOctets,
                        maxHeaderFieldCount: Limits.headerFields))),
            configuration: ServerConfiguration(
                address: .hostname(host, port: port),
                availableConnectionsDelegate: MaximumAvailableConnections(Limits.connections, logger: logger)),
            onServerRunning: { continuation.yield($0.localAddress?.port ?? port) },
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
            for try await port in started { return port }
            throw CancellationError()
        } catch {
            await stop(within: .zero)
            throw Failure(
                .daemon, .never, operation: "listen on \(settings.listen)",
                reason:
                    "\((error as? IOError).map { String(describing: $0) } ?? "\(error)"). `console.listen` in the "
                    + "configuration names this address; another program may have it.")
        }
    }

    /// Takes no more connections, lets requests that are running end within `deadline`, then hangs up.
    public func stop(within deadline: Duration) async {
        if let running, let server {
            let graceful = Task { try? await server.shutdownGracefully() }
            let impatience = Task {
                try await Task.sleep(for: deadline)
                running.cancel()
            }
            await running.value
            impatience.cancel()
            await graceful.value
        }
        running = nil
        try? await group.shutdownGracefully()
    }

    /// The configuration has checked that it is an address of this machine with a port.
    private static func place(_ listen: String) throws -> (host: String, port: Int) {
        guard let colon = listen.lastIndex(of: ":"), let port = Int(listen[listen.index(after: colon)...]) else {
            throw Failure(
                .daemon, .whenReconfigured(by: .operatorOfPostbote), operation: "listen on \(listen)",
                reason: "`console.listen` is no address with a port.")
        }
        let host = listen[..<colon]
        return (host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : String(host), port)
    }
}
