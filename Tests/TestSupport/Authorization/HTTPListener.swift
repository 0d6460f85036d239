import NIOCore
import NIOHTTP1
import NIOPosix

/// An HTTP/1.1 server on a loopback port the kernel picked.
final class HTTPListener: Sendable {
    let port: Int
    private let channel: any Channel
    private let connections: ConnectionList

    /// - Parameter respond: Runs for each request, beside those of other connections.
    static func start(_ respond: @escaping @Sendable (HTTPRequest) async -> HTTPReply) async throws -> HTTPListener {
        let connections = ConnectionList()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                connections.add(channel)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withPipeliningAssistance: true)
                    try channel.pipeline.syncOperations.addHandler(HTTPHandler(respond: respond))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port else { preconditionFailure("a bound channel has a port") }
        return HTTPListener(port: port, channel: channel, connections: connections)
    }

    private init(port: Int, channel: any Channel, connections: ConnectionList) {
        self.port = port
        self.channel = channel
        self.connections = connections
    }

    deinit {
        channel.close(promise: nil)
        connections.closeAll()
    }

    /// Refuses new connections and closes the ones there are.
    func stop() async {
        try? await channel.close()
        connections.closeAll()
    }
}
