import NIOCore
import NIOSSL
import Synchronization

/// The connections of a scripted server.
final class ScriptedConnections: Sendable {
    let records = Watched<[ConnectionRecord]>([])
    private let live = Mutex<[Connection]>([])

    private struct Connection {
        let channel: any Channel
        let handler: NIOLoopBound<DialogHandler>
    }

    /// Gives the connection its dialog. Called on the channel's event loop.
    func add(_ channel: any Channel, dialogs: [Dialog], tls: NIOSSLContext?) throws {
        let number = records.update { records in
            records.append(ConnectionRecord())
            return records.count - 1
        }
        let handler = DialogHandler(dialogs[min(number, dialogs.count - 1)], tls: tls) { [records] record in
            records.update { $0[number] = record }
        }
        try channel.pipeline.syncOperations.addHandler(handler)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        live.withLock { $0.append(Connection(channel: channel, handler: bound)) }
    }

    func proceed(_ name: String) {
        for connection in live.withLock({ $0 }) {
            connection.channel.eventLoop.execute { connection.handler.value.proceed(name) }
        }
    }

    func close() async {
        let all = live.withLock { live in
            defer { live = [] }
            return live
        }
        for connection in all { try? await connection.channel.close().get() }
    }
}
