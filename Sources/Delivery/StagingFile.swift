import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// A file being written in staging. Not shared: whoever writes it, finishes or discards it.
final class StagingFile {
    let path: String
    private(set) var octets: Int64 = 0
    private var descriptor: Int32

    init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    func write(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
        var rest = bytes
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                if errno == EINTR { continue }
                throw SystemCallFailure.failure("write", path, errno: errno)
            }
            octets += Int64(written)
            rest = UnsafeRawBufferPointer(rebasing: rest[written...])
        }
    }

    /// Ends writing. The content is not durable yet: a batch is synced as a whole.
    func finish() throws(Failure) {
        let result = close(descriptor)
        descriptor = -1
        // Network file systems report here that what was written did not fit.
        if result != 0 { throw SystemCallFailure.failure("close", path, errno: errno) }
    }

    func discard() {
        if descriptor >= 0 { close(descriptor) }
        descriptor = -1
        unlink(path)
    }
}
