import HummingbirdCore
import Logging
import NIOCore
import Synchronization

/// A connection to a control socket: HTTP/1.1, as long as its user has not too many of them.
struct ControlChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    let http: HTTP1Channel
    private let counter = ConnectionCounter()

    /// - Parameter silence: after this long without a word a connection is closed.
    init(silence: Duration, responder: @escaping HTTPChannelHandler.Responder) {
        let seconds = silence.components.seconds
        http = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                idleTimeout: .seconds(seconds),
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: Limits.requestHeadOctets, maxHeaderListSize: Limits.requestHeadOctets)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        // Nothing is refused here: an error at this place would end the server.
        http.setup(channel: channel, logger: logger)
    }

    func handle(value: Value, logger: Logger) async {
        guard let peer = try? await Peer.of(value.channel).get(), counter.enter(peer.user) else {
            try? await value.executeThenClose { _, _ in }
            return
        }
        defer { counter.leave(peer.user) }
        await http.handle(value: value, logger: logger)
    }
}

/// How many connections each local user has.
private final class ConnectionCounter: Sendable {
    private let connections = Mutex<[UInt32: Int]>([:])

    func enter(_ user: UInt32) -> Bool {
        connections.withLock { connections in
            guard connections[user, default: 0] < Limits.connectionsOfOneUser else { return false }
            connections[user, default: 0] += 1
            return true
        }
    }

    func leave(_ user: UInt32) {
        connections.withLock { connections in
            connections[user, default: 1] -= 1
            if connections[user] == 0 { connections[user] = nil }
        }
    }
}
