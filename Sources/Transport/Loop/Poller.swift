import CLinux
import Dispatch
import Glibc

/// Tells which sockets of a loop are ready. Confined to the loop's queue.
///
/// One epoll instance under one dispatch source, instead of two dispatch sources a socket: epoll forgets a socket the
/// moment it is told to, so that a descriptor may be closed and its number used again at once. A dispatch source lets go
/// only when its cancel handler runs, and suspending one costs a change of thread.
final class Poller {
    /// What a socket is watched for, or ready for.
    struct Readiness: OptionSet {
        let rawValue: UInt32
        static let readable = Readiness(rawValue: UInt32(LINUX_READABLE))
        static let writable = Readiness(rawValue: UInt32(LINUX_WRITABLE))
    }

    /// A watched socket. Its number is never used for another.
    struct Token: Hashable { fileprivate let number: UInt64 }

    private struct Registration {
        let descriptor: Int32
        let handler: (Readiness) -> Void
        var known = false
    }

    private let epoll: Int32
    private let source: any DispatchSourceRead
    private var registrations: [UInt64: Registration] = [:]
    private var lastNumber: UInt64 = 0

    init(queue: DispatchQueue) {
        let descriptor = linux_epoll_create()
        precondition(descriptor >= 0, "no epoll instance: errno \(errno)")
        epoll = descriptor
        source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
        source.setEventHandler { [weak self] in self?.deliver() }
        source.setCancelHandler { close(descriptor) }
        source.activate()
    }

    deinit { source.cancel() }

    /// Registers `descriptor`, watched for nothing yet. `handler` gets what it is ready for; an error or hang-up counts
    /// as everything, because the next read or write tells which.
    func add(_ descriptor: Int32, handler: @escaping (Readiness) -> Void) -> Token {
        lastNumber += 1
        registrations[lastNumber] = Registration(descriptor: descriptor, handler: handler)
        return Token(number: lastNumber)
    }

    /// - Parameter once: Whether watching ends with the first readiness, until `watch` is called again.
    func watch(_ token: Token, for readiness: Readiness, once: Bool) {
        guard let registration = registrations[token.number] else { return }
        let interest = readiness.rawValue | (once ? UInt32(LINUX_ONCE) : 0)
        let result = linux_epoll_set(epoll, registration.descriptor, interest, token.number, registration.known)
        precondition(result == 0, "epoll refuses descriptor \(registration.descriptor): errno \(errno)")
        registrations[token.number]?.known = true
    }

    /// Must come before the descriptor is closed.
    func remove(_ token: Token) {
        guard let registration = registrations.removeValue(forKey: token.number), registration.known else { return }
        // Fails only when the descriptor is closed already, which also removed it.
        _ = linux_epoll_remove(epoll, registration.descriptor)
    }

    private func deliver() {
        withUnsafeTemporaryAllocation(of: linux_ready.self, capacity: Limits.readyBatch) { ready in
            for _ in 0..<Limits.readyRounds {
                let count = Int(linux_epoll_take(epoll, ready.baseAddress, Int32(ready.count)))
                precondition(count >= 0, "epoll_wait failed: errno \(errno)")
                // One handler may remove the socket of another that is ready too: each is looked up anew.
                for event in ready[..<count] { registrations[event.token]?.handler(readiness(event.events)) }
                if count < ready.count { return }
            }
        }
    }

    private func readiness(_ events: UInt32) -> Readiness {
        let known = Readiness(rawValue: events).intersection([.readable, .writable])
        let failed = events & ~(UInt32(LINUX_READABLE) | UInt32(LINUX_WRITABLE)) != 0
        return failed ? [.readable, .writable] : known
    }
}
