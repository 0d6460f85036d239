import Diagnostics
import Glibc
import Logging
import NIOCore
import NIOPosix

/// The control API on its two sockets: the control socket for whoever may open it, `submit.sock` beside it for every
/// local user, who may there what `access:` says.
public actor ControlServer {
    private let listeners: [ControlListener]
    private let group: MultiThreadedEventLoopGroup

    /// - Parameters:
    ///   - path: of the control socket.
    ///   - groupName: whose members may open the control socket; where it does not exist it is the daemon's own group.
    ///   - silence: after this long without a word, or between two requests, a connection is closed.
    ///   - logger: for what the HTTP library says.
    public init(
        _ plane: any ControlPlane, path: String, groupName: String = "postbote",
        silence: Duration = Limits.connectionSilence, logger: Logger
    ) {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        self.group = group
        let directory = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        let control = ControlSocketFile(
            path: path, mode: 0o660, group: SystemAccounts().group(groupName)?.id)
        let submit = ControlSocketFile(path: "\(directory)/submit.sock", mode: 0o666, group: nil)
        listeners = [
            // Who could open this file has been checked by the kernel.
            ControlListener(file: control, plane: plane, silence: silence, group: group, logger: logger) { _ in
                .everything
            },
            ControlListener(file: submit, plane: plane, silence: silence, group: group, logger: logger) { peer in
                await plane.access().permission(of: peer)
            },
        ]
    }

    /// Returns when both sockets answer. A socket on which another daemon answers is a `Failure`.
    public func start() async throws {
        do {
            for listener in listeners { try await listener.start() }
        } catch {
            await stop(within: .zero)
            throw (error as? Failure)
                ?? Failure(.daemon, .never, operation: "listen on the control socket", reason: "\(error)")
        }
    }

    /// Requests that are running may end within `deadline`; then their connections are closed.
    public func stop(within deadline: Duration) async {
        await withTaskGroup { tasks in
            for listener in listeners { tasks.addTask { await listener.stop(within: deadline) } }
        }
        try? await group.shutdownGracefully()
    }
}
