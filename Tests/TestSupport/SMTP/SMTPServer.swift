import NIOCore
import NIOPosix
import NIOSSL

/// An SMTP server of our own on a loopback port the kernel picked, for what no real one does on demand: refusals of
/// single recipients, replies that are lost, connections that end at any command.
///
/// It keeps strictly to the RFCs, and notes where a client does not.
public final class SMTPServer: Sendable {
    public let options: SMTPServerOptions
    public let port: Int
    /// What a client must trust, as PEM.
    public let authority: String

    private let state: SMTPServerState
    private let channel: any Channel
    private let connections: ConnectionList

    public static func start(_ options: SMTPServerOptions = SMTPServerOptions()) async throws -> SMTPServer {
        let certificate: ServerCertificate
        if let given = options.certificate { certificate = given } else { certificate = try await .localhost() }
        let tls = try context(for: certificate)
        let state = SMTPServerState(options: options)
        let connections = ConnectionList()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                connections.add(channel)
                let number = state.newConnection()
                return channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if options.hasImplicitTLS { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                    try pipeline.addHandler(SMTPConnectionHandler(number: number, shared: state, tls: tls))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return SMTPServer(
            options: options, authority: certificate.authority, state: state, channel: channel,
            connections: connections)
    }

    private init(
        options: SMTPServerOptions, authority: String, state: SMTPServerState, channel: any Channel,
        connections: ConnectionList
    ) {
        guard let port = channel.localAddress?.port else { preconditionFailure("a bound channel has a port") }
        self.options = options
        self.port = port
        self.authority = authority
        self.state = state
        self.channel = channel
        self.connections = connections
    }

    deinit {
        channel.close(promise: nil)
        connections.closeAll()
    }

    /// Refuses new connections and closes the ones there are.
    public func stop() async {
        try? await channel.close()
        connections.closeAll()
    }

    /// Closes all connections, as a restart of the server does.
    public func dropConnections() { connections.closeAll() }

    /// What was taken over so far, in order.
    public var transactions: [SMTPTransaction] { state.record.value.transactions }

    /// The same, once there are `count`.
    @discardableResult
    public func transactions(atLeast count: Int, within limit: Duration = Limits.wait) async throws
        -> [SMTPTransaction]
    {
        try await state.record.wait(for: "\(count) messages at the SMTP server", within: limit) { record in
            record.transactions.count >= count ? record.transactions : nil
        }
    }

    /// How often each recipient got each message: a message counts by its Message-ID.
    public var deliveries: [String: [String: Int]] {
        var counts: [String: [String: Int]] = [:]
        for transaction in transactions {
            for recipient in transaction.recipients {
                counts[transaction.header("Message-ID") ?? "", default: [:]][recipient, default: 0] += 1
            }
        }
        return counts
    }

    /// All commands so far, in order.
    public var events: [SMTPServerEvent] { state.record.value.events }

    /// Returns the commands that satisfy `condition`, once there are `count`.
    @discardableResult
    public func events(
        atLeast count: Int, within limit: Duration = Limits.wait,
        where condition: @escaping @Sendable (SMTPServerEvent) -> Bool
    ) async throws -> [SMTPServerEvent] {
        try await state.record.wait(for: "\(count) commands at the SMTP server", within: limit) { record in
            let found = record.events.filter(condition)
            return found.count >= count ? found : nil
        }
    }

    /// How many connections were made so far.
    public var connectionsMade: Int { state.record.value.connections }
    /// How many connections are open.
    public var openConnections: Int { connections.count }

    /// Returns once no connection is open: whatever clients sent that are gone is dealt with then.
    public func idle(within limit: Duration = Limits.wait) async throws { try await connections.empty(within: limit) }

    /// What clients did against the RFCs, whether it was refused or not.
    public var violations: [String] { state.record.value.violations.sorted { $0.key < $1.key }.flatMap(\.value) }

    private static func context(for certificate: ServerCertificate) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMBytes(Array(certificate.certificate.utf8))
        let key = try NIOSSLPrivateKey(bytes: Array(certificate.key.utf8), format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }
}
