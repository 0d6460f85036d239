import Glibc

/// A file that was not there before, for its owner alone.
enum NewFile {
    static func write(_ bytes: [UInt8], to path: String) throws {
        // Never through a link that somebody else put there.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let reason = errno == EEXIST ? "it is there already; name a new file" : String(cString: strerror(errno))
            throw CommandFailure(.cannotWrite, "cannot write \(path): \(reason)")
        }
        defer { close(descriptor) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if errno != EINTR {
                throw CommandFailure(.cannotWrite, "cannot write \(path): \(String(cString: strerror(errno)))")
            }
        }
    }
}
