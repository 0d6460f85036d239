import CLinux
import Diagnostics
import MailModel
import Store

#if canImport(Glibc)
    import Glibc
#endif

/// One Maildir folder as a destination: `cur`, `new`, `tmp`, and a staging directory of our own beside them.
///
/// Files are written in staging, not in `tmp`, because other programs sweep `tmp` by age. All calls block: they belong
/// on a disk queue.
public struct Maildir: Sendable, Hashable {
    /// The staging directory's name. It does not begin with a dot: Maildir++ would show it as a folder.
    static let stagingName = "postbote-staging"

    /// The directory that holds `cur`, `new` and `tmp`.
    public let path: String
    let mode: UInt32
    /// The group of new files; `nil`: the process's.
    let group: gid_t?
    /// A subfolder of a Maildir++, which carries a marker file.
    let isSubfolder: Bool

    var staging: String { path + "/" + Maildir.stagingName }

    /// Where the staged file `path` is published.
    static func newDirectory(forStaged path: String) -> String {
        parent(of: parent(of: path)) + "/new"
    }

    /// The staging directory that the staged file `path` lies in.
    static func staging(ofStaged path: String) -> String { parent(of: path) }

    /// Whether the whole staging directory of the staged file `path` is gone, so that nothing follows from the file's
    /// absence.
    static func hasLostStaging(ofStaged path: String) -> Bool {
        access(staging(ofStaged: path), F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)
    }

    /// Makes the directory into which the staged file `path` is published, should somebody have removed it.
    static func makeNewDirectory(forStaged path: String) throws(Failure) {
        let new = newDirectory(forStaged: path)
        guard access(new, F_OK) != 0, errno == ENOENT else { return }
        var status = stat()
        let mode = stat(staging(ofStaged: path) + "/..", &status) == 0 ? status.st_mode & 0o777 : 0o700
        guard mkdir(new, mode) == 0 || errno == EEXIST else {
            throw SystemCallFailure.failure("mkdir", new, errno: errno)
        }
        try syncDirectory(staging(ofStaged: path) + "/..")
    }

    static func fileName(_ path: String) -> Substring { path[slash(path)...].dropFirst() }

    private static func parent(of path: String) -> String { String(path[..<slash(path)]) }

    /// The last one; staged files have absolute paths. Found among octets: as characters it takes as long as a rename.
    private static func slash(_ path: String) -> String.Index {
        path.utf8.lastIndex(of: UInt8(ascii: "/")) ?? path.startIndex
    }

    /// Makes the directories that are missing, durably, with search permission wherever files have read permission.
    func prepare() throws(Failure) {
        let directoryMode = mode | ((mode & 0o444) >> 2)
        try makeDirectories(path, mode: directoryMode)
        for name in ["tmp", "cur", "new"] { try makeDirectory(path + "/" + name, mode: directoryMode) }
        try makeDirectory(staging, mode: 0o700)
        if isSubfolder { try markAsFolder() }
        try Maildir.syncDirectory(path)
    }

    /// Opens a new file in staging, already with its final owner and permissions.
    func stage(_ name: String) throws(Failure) -> StagingFile {
        let file = staging + "/" + name
        let descriptor = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemCallFailure.failure("open", file, errno: errno) }
        let staged = StagingFile(path: file, descriptor: descriptor)
        guard hasMode(descriptor) || fchmod(descriptor, mode) == 0,
            group.map({ fchown(descriptor, uid_t.max, $0) }) ?? 0 == 0
        else {
            let code = errno
            staged.discard()
            throw SystemCallFailure.failure("change owner", file, errno: code)
        }
        return staged
    }

    /// Whether a new file has its permissions already, as with the usual ones and the umask of a service. To look is cheaper
    /// than to set them, which is a transaction of the file system. It is the file that is asked, not the umask: a default
    /// ACL of the directory goes before it (acl(5)).
    private func hasMode(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & 0o7777 == mode
    }

    /// Moves a staged file into `new`. `false` when it is not in staging any more, which is how recovery learns that it
    /// was published before: a reader may have consumed it since, so nobody looks for it in `new` or `cur`.
    static func publish(_ staged: String) throws(Failure) -> Bool {
        try publish(staged, into: newDirectory(forStaged: staged))
    }

    /// The same for many files of one staging directory, whose `new` was found before.
    static func publish(_ staged: String, into new: String) throws(Failure) -> Bool {
        if Glibc.rename(staged, new + "/" + fileName(staged)) == 0 { return true }
        guard errno != ENOENT || access(staged, F_OK) == 0 else { return false }
        throw SystemCallFailure.failure("rename", staged, errno: errno)
    }

    /// Gives a staged message another delivery key, and its files names that say so. A name that a delivery under that key
    /// had before is not taken again: its reader may not have been there yet.
    static func rename(_ message: StagedMessage, to key: DeliveryKey) throws(Failure) -> StagedMessage {
        var renamed = message
        renamed.deliveryKey = key
        let mark = "K\(message.deliveryKey)."
        for (index, destination) in message.destinations.enumerated() {
            let old = destination.stagedName
            let name = fileName(old).replacing(mark, with: "K\(key).R\(message.deliveryKey).", maxReplacements: 1)
            let path = staging(ofStaged: old) + "/" + name
            guard Glibc.rename(old, path) == 0 else { throw SystemCallFailure.failure("rename", old, errno: errno) }
            renamed.destinations[index].stagedName = path
        }
        return renamed
    }

    static func removeStaged(_ path: String) { unlink(path) }

    /// Removes what a crash left in staging: files that carry the state's mark, are older than `processStart`, and that no
    /// row of the ledger owes to anybody. Younger ones may belong to a delivery of another account into the same Maildir,
    /// those without the mark to another daemon.
    func sweep(_ mark: String, owed: Set<String>, olderThan processStart: Timestamp) -> Int {
        guard let directory = opendir(staging) else { return 0 }
        defer { closedir(directory) }
        var removed = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            let file = staging + "/" + name
            var status = stat()
            guard MaildirFileNames.isOurs(name, mark: mark), !owed.contains(file), stat(file, &status) == 0,
                Maildir.lastWritten(status) < processStart, unlink(file) == 0
            else { continue }
            removed += 1
        }
        return removed
    }

    /// To the millisecond, as `Timestamp` has it: a daemon is back a moment after its crash.
    private static func lastWritten(_ status: stat) -> Timestamp {
        Timestamp(
            milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
    }

    // MARK: Making it durable

    /// Makes a directory's entries durable: without it a rename or a new file can be gone after a power failure.
    static func syncDirectory(_ path: String) throws(Failure) {
        try sync(path, O_DIRECTORY, "fsync") { fsync($0) }
    }

    /// Makes the content of a file durable.
    static func syncFile(_ path: String) throws(Failure) { try sync(path, 0, "fsync") { fsync($0) } }

    /// Makes everything written so far to the file system of `path` durable.
    static func syncFileSystem(of path: String) throws(Failure) {
        try sync(path, O_DIRECTORY, "syncfs") { linux_syncfs($0) }
    }

    private static func sync(
        _ path: String, _ flags: Int32, _ call: String, _ body: (Int32) -> Int32
    ) throws(Failure) {
        let descriptor = open(path, O_RDONLY | flags | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemCallFailure.failure("open", path, errno: errno) }
        defer { close(descriptor) }
        guard body(descriptor) == 0 else { throw SystemCallFailure.failure(call, path, errno: errno) }
    }

    // MARK: Making directories

    private func makeDirectories(_ path: String, mode: UInt32) throws(Failure) {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw SystemCallFailure.failure("mkdir", path, errno: ENOTDIR)
            }
            return
        }
        let parent = "/" + path.split(separator: "/").dropLast().joined(separator: "/")
        if parent != "/" { try makeDirectories(parent, mode: mode) }
        try makeDirectory(path, mode: mode)
        try Maildir.syncDirectory(parent)
    }

    private func makeDirectory(_ path: String, mode: UInt32) throws(Failure) {
        guard mkdir(path, mode) == 0 else {
            guard errno == EEXIST else { throw SystemCallFailure.failure("mkdir", path, errno: errno) }
            return
        }
        // The process's umask does not know what the destination's readers need.
        guard chmod(path, mode) == 0, group.map({ chown(path, uid_t.max, $0) }) ?? 0 == 0 else {
            throw SystemCallFailure.failure("change owner", path, errno: errno)
        }
    }

    /// Maildir++ marks every subfolder with an empty file `maildirfolder`.
    private func markAsFolder() throws(Failure) {
        let marker = path + "/maildirfolder"
        let descriptor = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw SystemCallFailure.failure("open", marker, errno: errno) }
        close(descriptor)
    }
}
