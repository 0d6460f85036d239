import Diagnostics
import Dispatch
import MailModel

#if canImport(Glibc)
    import Glibc
#endif

/// What a server gave of messages that could not be read: one file each, which an operator can look at and deliver.
///
/// A file counts once an obstacle names it; others are removed at the next start.
public final class QuarantineFiles: Sendable {
    private let directory: String
    private let queue = DispatchQueue(label: "postbote.store.quarantine")

    init(directory: String) { self.directory = directory }

    /// The file's path, for whoever reads it.
    public func path(of name: String) -> String { directory + "/" + name }

    /// Keeps a copy of `source`, durable when this returns.
    ///
    /// - Returns: the copy's name.
    public func keep(_ source: String, as key: DeliveryKey) async throws -> String {
        let name = key.description
        try await queue.perform { [self] in
            let input = Glibc.open(source, O_RDONLY | O_CLOEXEC)
            guard input >= 0 else { throw SystemCallFailure.failure("open", source, errno: errno) }
            defer { close(input) }
            let output = Glibc.open(path(of: name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            guard output >= 0 else { throw SystemCallFailure.failure("open", path(of: name), errno: errno) }
            defer { close(output) }
            try Self.copy(input, to: output, path(of: name))
            guard fsync(output) == 0 else { throw SystemCallFailure.failure("fsync", path(of: name), errno: errno) }
            try Directory.sync(directory)
        }
        return name
    }

    /// The next at most 64 KB from `offset` on; empty at the end.
    public func read(_ name: String, from offset: Int64) async throws -> [UInt8] {
        try await queue.perform { [self] in
            let input = Glibc.open(path(of: name), O_RDONLY | O_CLOEXEC)
            guard input >= 0 else { throw SystemCallFailure.failure("open", path(of: name), errno: errno) }
            defer { close(input) }
            var bytes = [UInt8](repeating: 0, count: Limits.bodyChunkOctets)
            let count = pread(input, &bytes, bytes.count, off_t(offset))
            guard count >= 0 else { throw SystemCallFailure.failure("read", path(of: name), errno: errno) }
            return Array(bytes.prefix(count))
        }
    }

    public func remove(_ names: [String]) {
        queue.async { [self] in for name in names { unlink(path(of: name)) } }
    }

    /// Removes the files that no obstacle names.
    func removeOrphans(known connection: Connection) throws {
        try Directory.forEachName(in: directory) { name in
            let isKnown: Bool = try connection.value("SELECT EXISTS (SELECT 1 FROM obstacles WHERE file = ?)", name)
            if !isKnown { unlink(path(of: name)) }
        }
    }

    private static func copy(_ input: Int32, to output: Int32, _ path: String) throws(Failure) {
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(input, &buffer, buffer.count)
            if count == 0 { return }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw SystemCallFailure.failure("read", path, errno: errno)
            }
            var done = 0
            while done < count {
                let written = buffer[done..<count].withUnsafeBytes { write(output, $0.baseAddress, $0.count) }
                guard written >= 0 || errno == EINTR else {
                    throw SystemCallFailure.failure("write", path, errno: errno)
                }
                done += max(0, written)
            }
        }
    }
}
