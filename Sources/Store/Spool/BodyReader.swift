import Diagnostics
import Dispatch
import MailModel

#if canImport(Glibc)
    import Glibc
#endif

/// The content of a queued message, read piece by piece from any offset.
public final class BodyReader: Sendable {
    public let size: Int64
    private let source: Source

    private enum Source: Sendable {
        case row([UInt8])
        case file(descriptor: Int32, queue: DispatchQueue, path: String, spool: Spool)
    }

    init(row content: [UInt8]) {
        size = Int64(content.count)
        source = .row(content)
    }

    /// Blocks: on a spool queue only.
    init(_ id: QueueID, size: Int64, spool: Spool, queue: DispatchQueue) throws(Failure) {
        try spool.take()
        let path = spool.path(of: id)
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            spool.giveBack()
            throw code == ENOENT ? BodyReader.lost(id, path) : SystemCallFailure.failure("open", path, errno: code)
        }
        self.size = size
        source = .file(descriptor: descriptor, queue: queue, path: path, spool: spool)
    }

    /// The next at most 64 KB from `offset` on; empty at the end.
    public func read(from offset: Int64) async throws -> [UInt8] {
        let count = Int(min(Int64(Limits.bodyChunkOctets), max(0, size - offset)))
        guard count > 0 else { return [] }
        switch source {
        case .row(let content):
            return Array(content[Int(offset)..<(Int(offset) + count)])
        case .file(let descriptor, let queue, let path, _):
            return try await queue.perform { try BodyReader.read(descriptor, path, from: offset, count: count) }
        }
    }

    private static func read(
        _ descriptor: Int32, _ path: String, from offset: Int64, count: Int
    ) throws(Failure) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + off_t(filled))
            }
            if got < 0, errno == EINTR { continue }
            if got < 0 { throw SystemCallFailure.failure("read", path, errno: errno) }
            // Shorter than when it was accepted: sending it cut off would be worse than not at all.
            guard got > 0 else { throw cut(path) }
            filled += got
        }
        return bytes
    }

    deinit {
        guard case .file(let descriptor, _, _, let spool) = source else { return }
        close(descriptor)
        spool.giveBack()
    }

    static func lost(_ id: QueueID, _ path: String) -> Failure {
        Failure(
            .message, .never, operation: "read body",
            reason: "The content of \(id) is gone: \(path) was removed. Restore it and retry, or cancel the message.",
            place: ["queue_id": id.description])
    }

    private static func cut(_ path: String) -> Failure {
        Failure(
            .message, .never, operation: "read body",
            reason:
                "\(path) is shorter than it was when it was accepted. Restore it and retry, or cancel the message.",
            place: ["file": path])
    }
}
