import Dispatch

/// What one event loop owns. Confined to its queue.
final class LoopResources {
    let poller: Poller
    let alarms: Alarms
    /// Where `Connection.read` collects a chunk before it is copied to its exact size; free between two calls.
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.chunk, alignment: 16)
    private(set) lazy var mailMultis = makeMultis(keptConnections: Limits.connectionsPerMulti)

    init(queue: DispatchQueue) {
        poller = Poller(queue: queue)
        alarms = Alarms(queue: queue)
    }

    /// Multi handles apart from those of mail connections.
    func makeMultis(keptConnections: Int) -> CurlMultis {
        CurlMultis(poller: poller, alarms: alarms, keptConnections: keptConnections)
    }

    deinit { scratch.deallocate() }
}
