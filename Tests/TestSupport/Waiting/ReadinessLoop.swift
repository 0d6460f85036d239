import Foundation
import Glibc
import Synchronization

/// Calls back when descriptors are readable, on one thread of its own.
///
/// Not Dispatch's read sources: on Linux they crash now and then where descriptors come and go quickly and hang up, as
/// pipes of child processes do (swiftlang/swift-corelibs-libdispatch#949).
final class ReadinessLoop: Sendable {
    static let shared = ReadinessLoop()

    struct Handler: Sendable {
        let descriptor: Int32
        /// `false` ends the watch.
        let whenReadable: @Sendable () -> Bool
        /// The last call; the descriptor is closed after it.
        let whenEnded: @Sendable () -> Void
    }

    private struct State: Sendable {
        var handlers: [UInt64: Handler] = [:]
        var cancelled: [UInt64] = []
        var next: UInt64 = 1
    }

    /// Written to when there is something new for the loop's thread.
    private let wakeUp: (reading: Int32, writing: Int32)
    private let state = Mutex(State())

    private init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "no descriptors are left for the readiness loop")
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        wakeUp = (ends[0], ends[1])
        Thread.detachNewThread { [self] in run() }
    }

    /// Watches `descriptor`, which belongs to the loop from now on.
    @discardableResult
    func watch(
        _ descriptor: Int32, whenReadable: @escaping @Sendable () -> Bool,
        whenEnded: @escaping @Sendable () -> Void = {}
    ) -> UInt64 {
        let handler = Handler(descriptor: descriptor, whenReadable: whenReadable, whenEnded: whenEnded)
        let identity = state.withLock { state in
            defer { state.next += 1 }
            state.handlers[state.next] = handler
            return state.next
        }
        wake()
        return identity
    }

    /// Ends a watch, on the loop's thread, so that no callback runs beside it.
    func cancel(_ identity: UInt64) {
        state.withLock { $0.cancelled.append(identity) }
        wake()
    }

    private func wake() {
        var byte: UInt8 = 1
        // A full pipe wakes as well.
        _ = write(wakeUp.writing, &byte, 1)
    }

    private func run() {
        while true {
            let handlers = state.withLock { Array($0.handlers) }
            var descriptors = handlers.map { pollfd(fd: $0.value.descriptor, events: Int16(POLLIN), revents: 0) }
            descriptors.append(pollfd(fd: wakeUp.reading, events: Int16(POLLIN), revents: 0))
            guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
            for (descriptor, (identity, handler)) in zip(descriptors, handlers) where descriptor.revents != 0 {
                if !handler.whenReadable() { end(identity) }
            }
            takeWakeUps()
        }
    }

    private func takeWakeUps() {
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { buffer in
            while read(wakeUp.reading, buffer.baseAddress, buffer.count) > 0 {}
        }
        let cancelled = state.withLock { state in
            defer { state.cancelled = [] }
            return state.cancelled
        }
        for identity in cancelled { end(identity) }
    }

    private func end(_ identity: UInt64) {
        guard let handler = state.withLock({ $0.handlers.removeValue(forKey: identity) }) else { return }
        close(handler.descriptor)
        handler.whenEnded()
    }
}
