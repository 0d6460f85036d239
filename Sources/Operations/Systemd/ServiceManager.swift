import Dispatch
import Glibc

/// The way to the service manager that started us. Without one every call does nothing.
public final class ServiceManager: Sendable {
    private let path: String?
    private let queue = DispatchQueue(label: "postbote.notify")

    /// Reads `NOTIFY_SOCKET`: a path, or a name in the abstract namespace (`@…`).
    public convenience init(environment: [String: String]) { self.init(socket: environment["NOTIFY_SOCKET"]) }

    init(socket path: String?) { self.path = path.flatMap { UnixAddress(path: $0) == nil ? nil : $0 } }

    public var isPresent: Bool { path != nil }

    public func ready(status: String) { send([.ready, .status(status)]) }
    public func status(_ line: String) { send([.status(line)]) }

    /// The manager waits for `ready` before `systemctl reload` returns.
    public func reloading() {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1000
        send([.reloading(monotonicMicroseconds: microseconds), .status("reloading")])
    }

    public func stopping(status: String) { send([.stopping, .status(status)]) }
    public func extendTimeout(by time: Duration) {
        let (seconds, attoseconds) = time.components
        send([.extendTimeout(microseconds: UInt64(seconds) * 1_000_000 + UInt64(attoseconds / 1_000_000_000_000))])
    }

    func watchdog() { send([.watchdog]) }

    /// Returns when everything told before has been taken; for the end of the process.
    public func flush() { queue.sync {} }

    private func send(_ notifications: [ServiceNotification]) {
        guard let path else { return }
        let datagram = Array(notifications.map(\.text).joined(separator: "\n").utf8)
        // Not on the caller's thread: a manager that is busy must not hold up an event loop.
        queue.async { ServiceManager.send(datagram, to: path) }
    }

    private static func send(_ datagram: [UInt8], to path: String) {
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0, let address = UnixAddress(path: path) else { return }
        defer { close(descriptor) }
        var patience = timeval(tv_sec: Limits.notifySeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        address.with { address, length in
            while sendto(descriptor, datagram, datagram.count, Int32(MSG_NOSIGNAL), address, length) < 0,
                errno == EINTR
            {}
        }
    }
}
