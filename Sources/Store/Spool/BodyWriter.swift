import Diagnostics
import Dispatch
import MailModel

#if canImport(Glibc)
    import Glibc
#endif

/// Takes the content of a message of unknown size in pieces, in bounded memory.
///
/// `@unchecked Sendable`: everything mutable is touched only on `queue`.
public final class BodyWriter: @unchecked Sendable {
    public let id: QueueID
    private let limit: Int64
    private let spool: Spool
    private let queue: DispatchQueue
    private var memory: [UInt8] = []
    private var size: Int64 = 0
    private var hash = ContentHash.Stream()
    private var descriptor: Int32 = -1
    private var isFinished = false

    init(id: QueueID, limit: Int64, spool: Spool) throws(Failure) {
        try spool.take()
        self.id = id
        self.limit = limit
        self.spool = spool
        queue = spool.nextQueue()
    }

    private var path: String { spool.path(of: id) }

    /// Takes the next piece. Returning late is how a slow disk slows the sender down.
    ///
    /// - Throws: a `Failure` of scope message when the content grows over its limit; of scope daemon from the disk. What
    ///   was written is then removed with the writer.
    public func append(_ bytes: ArraySlice<UInt8>) async throws {
        try await queue.perform { try self.take(bytes) }
    }

    /// The content is complete. A file is durable, and findable after a crash, when this returns.
    public func finish() async throws -> QueueBody {
        try await queue.perform { try self.close() }
    }

    private func take(_ bytes: ArraySlice<UInt8>) throws {
        precondition(!isFinished, "nothing is appended to a finished body")
        size += Int64(bytes.count)
        guard size <= limit else { throw tooLarge }
        hash.push(bytes)
        if descriptor < 0, memory.count + bytes.count <= Limits.bodyRowOctets {
            memory += bytes
            return
        }
        if descriptor < 0 { try openFile() }
        try write(bytes)
    }

    private func openFile() throws(Failure) {
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemCallFailure.failure("open", path, errno: errno) }
        let start = memory
        memory = []
        try write(start[...])
    }

    private func write(_ bytes: ArraySlice<UInt8>) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw SystemCallFailure.failure("write", path, errno: errno)
            }
            rest = rest.dropFirst(written)
        }
    }

    private func close() throws -> QueueBody {
        precondition(!isFinished, "a body is finished once")
        let content = descriptor < 0 ? QueueBody.Content.row(memory) : try syncFile()
        isFinished = true
        return QueueBody(id: id, size: size, hash: hash.finish(), content: content)
    }

    /// Content first, then the directory's entry: a row that is committed afterwards never names a file that a power
    /// failure can take away or cut.
    private func syncFile() throws(Failure) -> QueueBody.Content {
        guard fsync(descriptor) == 0 else { throw SystemCallFailure.failure("fsync", path, errno: errno) }
        let result = Glibc.close(descriptor)
        descriptor = -1
        // From here on the file is removed by hand where something fails, since the descriptor does not tell any more.
        guard result == 0 else {
            let code = errno
            unlink(path)
            throw SystemCallFailure.failure("close", path, errno: code)
        }
        do {
            try Directory.sync(spool.directory)
        } catch {
            unlink(path)
            throw error
        }
        return .file(path: path, queue: queue)
    }

    private var tooLarge: Failure {
        Failure(
            .message, .never, operation: "accept",
            reason: "The message is larger than \(limit) octets, which is the most that is accepted for this account."
        )
    }

    deinit {
        spool.giveBack()
        guard descriptor >= 0 else { return }
        queue.async { [descriptor, path] in
            Glibc.close(descriptor)
            unlink(path)
        }
    }
}
