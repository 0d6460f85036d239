import ConfigurationFile
import Glibc

/// Finds the daemon: which of its sockets there is, and which this user may open.
struct DaemonSocket {
    /// What a try to connect said.
    enum Answer: Hashable {
        case listening
        /// Nothing is there, or what is there was left by a daemon that is gone.
        case absent
        case denied
        case failed(Int32)
    }

    let control: String

    /// `option`: what `--config` said. The control socket's path is the one setting a client reads.
    init(option: String?, environment: [String: String]) {
        control = ConfigurationReader(option: option, environment: environment).controlSocket()
    }

    private var submit: String {
        control.prefix(through: control.lastIndex(of: "/") ?? control.startIndex) + "submit.sock"
    }

    /// The socket to use: the control socket, or where that is for others `submit.sock`.
    ///
    /// - Parameter patience: how long a daemon that is not there is waited for; it may be restarting.
    func open(patience: Duration = .zero) async throws -> String {
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        var pause = Duration.milliseconds(50)
        while true {
            switch answer() {
            case .found(let path): return path
            case .notPermitted:
                throw CommandFailure(
                    .notPermitted,
                    "you may not open \(control): ask for `access:` in the configuration, or become root")
            case .notReachable(let reason):
                guard clock.now < deadline else {
                    throw CommandFailure(.unreachable, "the daemon is not reachable at \(control): \(reason)")
                }
                try await Task.sleep(for: min(pause, deadline - clock.now))
                pause = min(pause * 2, .seconds(1))
            }
        }
    }

    private enum Found {
        case found(String)
        case notPermitted
        case notReachable(String)
    }

    private func answer() -> Found {
        switch DaemonSocket.connect(to: control) {
        case .listening: return .found(control)
        case .absent: return .notReachable("is postbote running? See systemctl status postbote")
        case .failed(let code): return .notReachable(String(cString: strerror(code)))
        case .denied: break
        }
        switch DaemonSocket.connect(to: submit) {
        case .listening: return .found(submit)
        case .denied: return .notPermitted
        case .absent: return .notReachable("is postbote running? See systemctl status postbote")
        case .failed(let code): return .notReachable(String(cString: strerror(code)))
        }
    }

    private static func connect(to path: String) -> Answer {
        var address = sockaddr_un()
        let bytes = Array(path.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { return .failed(ENAMETOOLONG) }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return .failed(errno) }
        defer { close(descriptor) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, size) }
        }
        guard result != 0 else { return .listening }
        switch errno {
        case ENOENT, ECONNREFUSED, ENOTDIR: return .absent
        case EACCES, EPERM: return .denied
        default: return .failed(errno)
        }
    }
}
