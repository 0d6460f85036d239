import Diagnostics
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// One Unix socket of the control API.
///
/// The socket is bound under another name and moved into place when its mode and group are right: a client finds either
/// no socket, a stale one, or one that answers.
actor ControlListener {
    private let file: ControlSocketFile
    private let server: Server<ControlChannel>
    private let started: AsyncThrowingStream<Void, any Error>
    private let continuation: AsyncThrowingStream<Void, any Error>.Continuation
    private var running: Task<Void, Never>?

    /// - Parameters:
    ///   - silence: after this long without a word a connection is closed.
    ///   - permission: what a peer may do.
    init(
        file: ControlSocketFile, plane: any ControlPlane, silence: Duration, group: any EventLoopGroup,
        logger: Logger,
        permission: @escaping @Sendable (Peer) async -> Permission
    ) {
        self.file = file
        let responder = ControlRouter.make(plane).buildResponder()
        let channel = ControlChannel(silence: silence) { request, writer, channel in
            let peer = try await Peer.of(channel).get()
            let source = ControlContext.Source(logger: logger, peer: peer, permission: await permission(peer))
            let response = try await responder.respond(to: request, context: ControlContext(source: source))
            try await writer.write(response: response.head, body: response.body)
        }
        let (started, continuation) = AsyncThrowingStream.makeStream(of: Void.self)
        self.started = started
        self.continuation = continuation
        server = Server(
            childChannelSetup: channel,
            configuration: ServerConfiguration(
                address: .unixDomainSocket(path: file.temporaryPath),
                availableConnectionsDelegate: MaximumAvailableConnections(Limits.connections, logger: logger)),
            onServerRunning: { _ in
                do {
                    try file.moveIntoPlace()
                    continuation.yield()
                } catch {
                    continuation.finish(throwing: error)
                }
            },
            eventLoopGroup: group, logger: logger)
    }

    /// Returns when the socket is in place.
    func start() async throws {
        try file.refuseSecondDaemon()
        let server = server
        let continuation = continuation
        running = Task {
            do {
                try await server.run()
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        for try await _ in started { return }
        throw Failure(
            .daemon, .never, operation: "listen on \(file.path)", reason: "the server ended before it listened")
    }

    /// Takes no more connections, lets requests that are running end within `deadline`, then hangs up.
    func stop(within deadline: Duration) async {
        guard let running else { return }
        file.remove()
        let server = server
        let graceful = Task { try? await server.shutdownGracefully() }
        let impatience = Task {
            try await Task.sleep(for: deadline)
            running.cancel()
        }
        await running.value
        impatience.cancel()
        await graceful.value
        self.running = nil
    }
}
