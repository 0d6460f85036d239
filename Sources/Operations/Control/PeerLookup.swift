import Glibc
import NIOCore

extension Peer {
    /// The kernel's `struct ucred` (unix(7)), laid out as there.
    private struct Credentials: Sendable {
        var process: Int32
        var user: UInt32
        var group: UInt32
    }

    /// Who connected, as the kernel noted it at that moment.
    static func of(_ channel: any Channel) -> EventLoopFuture<Peer> {
        guard let socket = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let credentials: EventLoopFuture<Credentials> = socket.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED))
        return credentials.map { Peer(user: $0.user, group: $0.group, process: $0.process) }
    }
}
