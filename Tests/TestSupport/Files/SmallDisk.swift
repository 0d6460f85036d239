import Glibc

/// A small file system in memory, to be filled up; unmounted with the last reference to it. Needs root.
public final class SmallDisk: Sendable {
    public let path: String
    private let directory: TemporaryDirectory

    /// Whether this process may mount.
    public static var isPossible: Bool { geteuid() == 0 }

    /// - Parameter size: In bytes, rounded up to whole pages by the kernel.
    public init(size: Int) throws {
        directory = try TemporaryDirectory(prefix: "small-disk", mode: 0o755)
        path = try directory.directory("disk")
        guard mount("tmpfs", path, "tmpfs", UInt(MS_NOSUID) | UInt(MS_NODEV), "size=\(size),mode=0755") == 0 else {
            throw SystemError("mount", path: path)
        }
    }

    deinit { umount2(path, Int32(MNT_DETACH)) }

    /// Takes all space that is left, in a file of its own, until `free()` gives it back.
    ///
    /// - Parameter room: so many bytes are left, rounded down to whole pages.
    public func fill(except room: Int = 0) throws {
        let descriptor = open(path + "/.filler", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open", path: path) }
        defer { Glibc.close(descriptor) }
        let page = [UInt8](repeating: 0, count: 4096)
        while Glibc.write(descriptor, page, page.count) > 0 {}
        var information = stat()
        guard room > 0, fstat(descriptor, &information) == 0 else { return }
        ftruncate(descriptor, max(0, information.st_size - off_t(room / page.count * page.count)))
    }

    /// Cut first: a process that another test just starts may have the file open until its exec.
    public func free() {
        truncate(path + "/.filler", 0)
        unlink(path + "/.filler")
    }

    /// In bytes.
    public var freeSpace: Int {
        var information = statvfs()
        guard statvfs(path, &information) == 0 else { return 0 }
        return Int(information.f_bavail) * Int(information.f_frsize)
    }

    /// Waits until so much is free. What a removed file took comes back only once nobody has it open.
    public func waitForSpace(_ bytes: Int) async throws {
        try await within(Limits.wait, "\(bytes) bytes to be free again") {
            while self.freeSpace < bytes {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    /// - Parameter size: as at the beginning.
    public func grow(to size: Int) throws {
        guard mount("tmpfs", path, "tmpfs", UInt(MS_REMOUNT | MS_NOSUID | MS_NODEV), "size=\(size)") == 0 else {
            throw SystemError("mount", path: path)
        }
    }
}
