import CLinux
import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// A file being written in staging. Not shared: whoever writes it, finishes or discards it.
final class StagingFile {
    let path: String
    private(set) var octets: Int64 = 0
    /// What the disk was told to begin with.
    private var begunOctets: Int64 = 0
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
        beginWriteback(from: Limits.writebackOctets)
    }

    /// Lets the disk begin with what is there while the network brings the rest: the sync of the batch finds less to do.
    /// It promises nothing (sync_file_range(2)), so its failure is none; small files are left to the batch.
    private func beginWriteback(from least: Int64) {
        let length = octets - begunOctets
        guard length >= least else { return }
        _ = linux_begin_writeback(descriptor, begunOctets, length)
        begunOctets = octets
    }

    /// Ends writing. The content is not durable yet: a batch is synced as a whole.
    func finish() throws(Failure) {
        beginWriteback(from: begunOctets > 0 ? 1 : Limits.smallFileOctets)
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
