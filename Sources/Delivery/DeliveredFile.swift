import Diagnostics
import MailModel
import Store

#if canImport(Glibc)
    import Glibc
#endif

/// A file of a Maildir, read as the message that it was when it was delivered. It blocks: it belongs on a disk queue.
enum DeliveredFile {
    /// What the ledger would know of the message, had it delivered it.
    ///
    /// - Returns: `nil` when the file has vanished.
    /// - Throws: `Failure` when it cannot be read, `CancellationError`.
    static func read(_ file: MaildirScan.File) throws -> ImportedMessage? {
        let path = file.path
        // Whoever may write into the Maildir could leave a pipe or a link there.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemCallFailure.unreadable("open", path, errno: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw SystemCallFailure.unreadable("open", path, errno: EINVAL)
        }
        var hash = ContentHash.Stream()
        var scanner = HeaderScanner()
        let size = try forEachChunk(of: descriptor, path) { chunk in
            hash.push(chunk)
            if !scanner.isComplete { scanner.push(chunk) }
        }
        var generator = SystemRandomNumberGenerator()
        return ImportedMessage(
            deliveryKey: MaildirScan.deliveryKey(in: file.name) ?? DeliveryKey(using: &generator),
            traits: MessageTraits(scanner.finish()), contentHash: hash.finish(), contentSize: size,
            delivered: Timestamp(seconds: Int64(status.st_mtim.tv_sec)))
    }

    /// - Returns: octets in all.
    private static func forEachChunk(
        of descriptor: Int32, _ path: String, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws -> Int64 {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Limits.readOctets, alignment: 16)
        defer { buffer.deallocate() }
        var size: Int64 = 0
        while true {
            // Nobody knows how large a file is that others may write.
            try Task.checkCancellation()
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemCallFailure.unreadable("read", path, errno: errno)
            }
            guard count > 0 else { return size }
            size += Int64(count)
            body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
