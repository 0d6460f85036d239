import Glibc
import Synchronization
import TestSupport

/// Everything that a service showed to others, by where it was seen.
final class Evidence: Sendable {
    private let found = Mutex<[(place: String, octets: [UInt8])]>([])

    var all: [(place: String, octets: [UInt8])] { found.withLock { $0 } }

    func add(_ place: String, _ octets: [UInt8]) { found.withLock { $0.append((place, octets)) } }

    func add(_ arguments: [String], _ finished: ChildProcess.Finished) {
        let command = arguments.joined(separator: " ")
        add("the output of \(command)", finished.output)
        add("the errors of \(command)", Array(finished.errors.utf8))
    }

    func add(_ command: String, _ child: ChildProcess) {
        add("the output of \(command)", child.output.bytes)
        add("the errors of \(command)", child.errors.bytes)
    }

    /// What every user of the machine sees of a running process, and what its own user sees.
    func look(at child: ChildProcess, _ name: String) throws {
        add("\(name)'s arguments", try Directory.bytes(of: "/proc/\(child.processID)/cmdline"))
        add("\(name)'s environment", try Directory.bytes(of: "/proc/\(child.processID)/environ"))
    }

    /// All files below `path`.
    func files(in path: String, except exception: String) throws {
        for name in Directory.names(in: path) where name != exception {
            let inner = path + "/" + name
            var information = stat()
            guard lstat(inner, &information) == 0 else { continue }
            if information.st_mode & S_IFMT == S_IFDIR {
                try files(in: inner, except: exception)
            } else if information.st_mode & S_IFMT == S_IFREG {
                add(inner, try Directory.bytes(of: inner))
            }
        }
    }
}
