import NIOCore

/// The open connections of a test server, so that it can take them with it.
final class ConnectionList: Sendable {
    private let channels = Watched<[ObjectIdentifier: any Channel]>([:])

    func add(_ channel: any Channel) {
        let identity = ObjectIdentifier(channel)
        channels.update { $0[identity] = channel }
        channel.closeFuture.whenComplete { [weak self] _ in
            self?.channels.update { _ = $0.removeValue(forKey: identity) }
        }
    }

    var count: Int { channels.value.count }

    /// Returns once none is open.
    func empty(within limit: Duration = Limits.wait) async throws {
        try await channels.wait(for: "all connections to end", within: limit) { $0.isEmpty }
    }

    func closeAll() {
        for channel in channels.value.values { channel.close(promise: nil) }
    }
}
