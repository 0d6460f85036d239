import Diagnostics
import Glibc

/// The file of a Unix socket: who may connect, and what happens to one that is already there.
struct ControlSocketFile: Sendable {
    let path: String
    /// Whoever may write to the file may connect (unix(7)).
    let mode: mode_t
    /// The group of the file; `nil`: the daemon's own.
    let group: gid_t?

    var temporaryPath: String { path + ".new" }

    /// A socket that answers belongs to another daemon; one that does not is left over and makes way.
    func refuseSecondDaemon() throws(Failure) {
        guard UnixAddress(path: temporaryPath) != nil, let address = UnixAddress(path: path) else {
            throw failure("the path is longer than the 108 octets of a Unix socket's address: choose a shorter one")
        }
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        guard access(directory.isEmpty ? "/" : directory, W_OK | X_OK) == 0 else {
            throw systemFailure(
                "write into its directory",
                "let `RuntimeDirectory=` of the unit make it, or choose another `control_socket:`")
        }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            guard errno == ENOENT else { throw systemFailure("stat") }
            return
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw failure("a file that is not a socket is in the way: move it")
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw systemFailure("socket") }
        defer { close(descriptor) }
        if address.with({ connect(descriptor, $0, $1) }) == 0 {
            throw failure("another postbote answers there: stop it, or give this one its own `control_socket:`")
        }
        guard [ENOENT, ECONNREFUSED].contains(errno) else { throw systemFailure("connect") }
    }

    /// Sets mode and group, then replaces what was left over in one step.
    func moveIntoPlace() throws(Failure) {
        if let group { guard chown(temporaryPath, uid_t.max, group) == 0 else { throw systemFailure("chown") } }
        guard chmod(temporaryPath, mode) == 0 else { throw systemFailure("chmod") }
        guard rename(temporaryPath, path) == 0 else { throw systemFailure("rename") }
    }

    func remove() { unlink(path) }

    private func systemFailure(_ call: String, _ advice: String? = nil) -> Failure {
        let words = String(cString: strerror(errno))
        var failure = failure("\(call): \(words)" + (advice.map { ": \($0)" } ?? ""))
        failure.condition = .fileRefused
        return failure
    }

    private func failure(_ reason: String) -> Failure {
        Failure(
            .daemon, .whenReconfigured(by: .operatorOfPostbote), operation: "listen on \(path)", reason: reason,
            place: ["path": path])
    }
}
