import NIOCore
import NIOPosix
import NIOSSL

/// A server on loopback that plays dialogs, one for each connection, for tests of IMAP, POP3, SMTP and HTTP clients.
public final class ScriptedServer: Sendable {
    public enum Security: Sendable {
        case plain
        /// TLS from the first byte.
        case implicit(ServerCertificate)
        /// In clear until the dialog says `TLS`.
        case startTLS(ServerCertificate)

        var certificate: ServerCertificate? {
            switch self {
            case .plain: nil
            case .implicit(let certificate), .startTLS(let certificate): certificate
            }
        }
    }

    /// 0 on a Unix socket.
    public let port: Int
    private let listener: any Channel
    private let connections: ScriptedConnections

    private init(_ listener: any Channel, _ connections: ScriptedConnections) {
        port = listener.localAddress?.port ?? 0
        self.listener = listener
        self.connections = connections
    }

    deinit { listener.close(promise: nil) }

    /// Listens on 127.0.0.1, on a port that the kernel picks.
    /// - Parameters:
    ///   - dialogs: One for each connection in their order; the last one for all that follow.
    ///   - path: A Unix socket to be made and listened on instead.
    public static func start(
        _ dialogs: [Dialog], _ security: Security = .plain, unixSocketPath path: String? = nil
    ) async throws -> ScriptedServer {
        precondition(!dialogs.isEmpty, "a scripted server needs a dialog")
        let tls = try security.certificate.map(NIOSSLContext.init(serving:))
        let connections = ScriptedConnections()
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 4096)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if case .implicit = security, let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try connections.add(channel, dialogs: dialogs, tls: tls)
                }
            }
        if let path { return try await ScriptedServer(bootstrap.bind(unixDomainSocketPath: path).get(), connections) }
        let listener = try await bootstrap.childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0).get()
        return ScriptedServer(listener, connections)
    }

    /// Plays the dialog that `text` is, on every connection.
    public static func start(_ text: String, _ security: Security = .plain) async throws -> ScriptedServer {
        try await start([Dialog(text)], security)
    }

    /// How the connections went so far, in the order they came.
    public var records: [ConnectionRecord] { connections.records.value }

    /// Lets every connection go on that waits at `WAIT name`, now or later.
    public func proceed(_ name: String) { connections.proceed(name) }

    /// Returns once `count` dialogs are played to their end.
    /// - Throws: `DialogMismatch` as soon as a client did something else; `DeadlineMissed`.
    public func finished(_ count: Int = 1, within limit: Duration = Limits.wait) async throws {
        let mismatch = try await connections.records.wait(for: "\(count) finished dialogs", within: limit) {
            records -> String?? in
            if let mismatch = records.lazy.compactMap(\.mismatch).first { return .some(mismatch) }
            return records.count(where: \.isFinished) >= count ? .some(nil) : nil
        }
        if let mismatch { throw DialogMismatch(description: mismatch) }
    }

    /// Returns the records once they satisfy `condition`.
    @discardableResult
    public func records(
        _ what: String, within limit: Duration = Limits.wait,
        where condition: @escaping @Sendable ([ConnectionRecord]) -> Bool
    ) async throws -> [ConnectionRecord] {
        try await connections.records.wait(for: what, within: limit) { condition($0) ? $0 : nil }
    }

    /// Hangs up everywhere and listens no more.
    public func stop() async {
        try? await listener.close().get()
        await connections.close()
    }
}

/// A client did something else than its dialog says.
public struct DialogMismatch: Error, CustomStringConvertible {
    public let description: String
}

extension NIOSSLContext {
    fileprivate convenience init(serving certificate: ServerCertificate) throws {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: [
                .certificate(try NIOSSLCertificate(bytes: Array(certificate.certificate.utf8), format: .pem))
            ],
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(certificate.key.utf8), format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        try self.init(configuration: configuration)
    }
}
