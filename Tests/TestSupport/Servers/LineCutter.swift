import NIOCore
import NIOPosix

/// A way to a server, on a loopback port of its own, that breaks at a chosen line: from there on it hangs up, or says nothing
/// more.
///
/// Until it has been told to let everything through, every connection breaks at the same line. A line that was counted is
/// passed on whole, with its end; of what comes behind it nothing is.
public final class LineCutter: Sendable {
    public enum Side: String, Sendable, CaseIterable {
        case server
        case client
    }

    public enum Fate: String, Sendable, CaseIterable {
        case hangUp
        /// The connection stays open, and nothing is passed on any more, in either direction.
        case stall
    }

    public struct Cut: Sendable, Hashable, CustomStringConvertible {
        public var fate: Fate
        public var side: Side
        /// After so many of the side's lines; 0: before anything is passed on.
        public var line: Int

        public init(_ fate: Fate, after line: Int, of side: Side) {
            self.fate = fate
            self.side = side
            self.line = line
        }

        public var description: String { "\(fate.rawValue) after line \(line) of the \(side.rawValue)" }
    }

    /// A line that was passed on.
    public struct Line: Sendable, Hashable {
        public var side: Side
        /// Without its end.
        public var text: String

        public init(side: Side, text: String) {
            self.side = side
            self.text = text
        }
    }

    struct State: Sendable {
        var cut: Cut?
        /// By connection, in the order they came.
        var lines: [[Line]] = []
        /// The client's end of the connections that were broken, by their number.
        var broken: [Int: any Channel] = [:]
        /// Gets each line before it is passed on.
        var observer: @Sendable (Line) -> Void = { _ in }
    }

    public let port: Int
    let state = Watched(State())
    private let listener: any Channel
    private let connections = ConnectionList()

    /// - Parameters:
    ///   - target: The server's port on loopback.
    ///   - observer: gets each line of either side before it is passed on.
    public static func start(
        to target: Int, cut: Cut?, observer: @escaping @Sendable (Line) -> Void = { _ in }
    ) async throws -> LineCutter {
        try await LineCutter(target, cut, observer)
    }

    private init(_ target: Int, _ cut: Cut?, _ observer: @escaping @Sendable (Line) -> Void) async throws {
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { [state, connections] channel in
                connections.add(channel)
                return LineCutter.join(channel, to: target, state, connections)
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = listener.localAddress?.port ?? 0
        state.update { state in
            state.cut = cut
            state.observer = observer
        }
    }

    deinit {
        listener.close(promise: nil)
        connections.closeAll()
    }

    // MARK: What came of it

    /// What was passed on, by connection, of those that were broken.
    public var brokenLines: [[Line]] {
        let state = state.value
        return state.broken.keys.sorted().map { state.lines[$0] }
    }

    /// Whether a connection was broken so far.
    public var hasCut: Bool { !state.value.broken.isEmpty }

    /// Returns once a connection was broken.
    public func cut(within limit: Duration = Limits.wait) async throws {
        try await state.wait(for: "a connection to break", within: limit) { !$0.broken.isEmpty }
    }

    /// From now on breaks every connection there until `letThrough`, and those that are past that line at their next one.
    public func breakAll(at cut: Cut) { state.update { $0.cut = cut } }

    /// Breaks no further connection, and ends those that are stalled.
    public func letThrough() {
        let broken = state.update { state in
            state.cut = nil
            return state.broken.values
        }
        for channel in broken { channel.close(promise: nil) }
    }

    public func stop() async {
        try? await listener.close()
        connections.closeAll()
        try? await connections.empty()
    }

    // MARK: Joining

    private static func join(
        _ client: any Channel, to target: Int, _ state: Watched<State>, _ connections: ConnectionList
    ) -> EventLoopFuture<Void> {
        let number = state.update { state in
            state.lines.append([])
            return state.lines.count - 1
        }
        return ClientBootstrap(group: client.eventLoop)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: target)
            .flatMapThrowing { server in
                connections.add(server)
                let pair = LineCutterPair(client, server, number: number, state)
                try client.pipeline.syncOperations.addHandler(LineCutterHandler(pair, .client))
                try server.pipeline.syncOperations.addHandler(LineCutterHandler(pair, .server))
                pair.begin()
            }
    }
}
