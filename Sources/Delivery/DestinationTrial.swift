import Diagnostics
import MailModel

#if canImport(Glibc)
    import Glibc
#endif

/// Writes a file into a destination's staging directory as a delivery does, and takes it away again: the service's own user,
/// its mounts and its limits decide, as they will for mail.
public actor DestinationTrial {
    public nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    private let queue = DiskQueue("postbote.trial")
    private let names: MaildirFileNames

    /// - Parameter mark: of the state: what a crash leaves is swept like a delivery's.
    public init(mark: String, hostName: String) { names = MaildirFileNames(mark: mark, hostName: hostName) }

    /// What a destination that can be written to has.
    public struct Room: Hashable, Sendable {
        public var path: String
        /// Octets that the service's user can still write there.
        public var available: Int64
    }

    /// Makes the directories that are missing, too, as the first delivery would.
    public func write(to destination: MaildirDestination, at now: Timestamp) throws -> Room {
        let maildir = destination.maildir
        try maildir.prepare()
        var generator = SystemRandomNumberGenerator()
        let file = try maildir.stage(names.name(of: DeliveryKey(using: &generator), at: now))
        defer { file.discard() }
        let octets = Array("Postbote tries whether it can write here.\n".utf8)
        try octets.withUnsafeBytes { try file.write($0) }
        try file.finish()
        try Maildir.syncFile(file.path)
        try Maildir.syncDirectory(maildir.staging)
        let new = maildir.path + "/new"
        // Publishing renames a file into it, which needs both rights and the same file system (rename(2)).
        guard access(new, W_OK | X_OK) == 0 else { throw SystemCallFailure.failure("rename into", new, errno: errno) }
        var here = stat()
        var there = stat()
        guard stat(maildir.staging, &here) == 0, stat(new, &there) == 0 else {
            throw SystemCallFailure.failure("stat", new, errno: errno)
        }
        guard here.st_dev == there.st_dev else { throw SystemCallFailure.failure("rename into", new, errno: EXDEV) }
        var space = statvfs()
        guard statvfs(maildir.path, &space) == 0 else {
            throw SystemCallFailure.failure("statvfs", maildir.path, errno: errno)
        }
        return Room(path: maildir.path, available: Int64(clamping: UInt64(space.f_bavail) * UInt64(space.f_frsize)))
    }
}
