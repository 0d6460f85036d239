/// What the service manager is told (sd_notify(3)).
enum ServiceNotification: Hashable, Sendable {
    /// Configuration, state and listeners stand: at the start, and at the end of a reload.
    case ready
    /// A reload begins at this reading of CLOCK_MONOTONIC, which is how the manager tells it from an older one.
    case reloading(monotonicMicroseconds: UInt64)
    case stopping
    /// One line of health, shown by `systemctl status`.
    case status(String)
    /// Still alive.
    case watchdog
    /// The start or the stop may take this much longer, counted from now.
    case extendTimeout(microseconds: UInt64)

    /// The lines of the datagram.
    var text: String {
        switch self {
        case .ready: "READY=1"
        case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
        case .stopping: "STOPPING=1"
        case .status(let line): "STATUS=" + ServiceNotification.oneLine(line)
        case .watchdog: "WATCHDOG=1"
        case .extendTimeout(let microseconds): "EXTEND_TIMEOUT_USEC=\(microseconds)"
        }
    }

    private static func oneLine(_ text: String) -> String {
        String(text.map { $0.isNewline ? " " : $0 }).cut(toOctets: Limits.statusOctets)
    }
}
