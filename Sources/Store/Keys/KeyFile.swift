import Diagnostics
import MailModel

#if canImport(Glibc)
    import Glibc
#endif

/// Where the master key lies: a systemd credential, or a file of our own in the state directory.
///
/// A file holds 32 octets as they are, or as 64 hexadecimal digits with or without a line end, which is what
/// `openssl rand -hex 32` prints and what we write.
struct KeyFile {
    enum Origin {
        /// Given by systemd: it chose owner and mode, and it is never created here.
        case credential
        case stateDirectory
    }

    let path: String
    let origin: Origin
    /// Where the key lies that is to take the place of this one.
    let next: String

    /// The credential `postbote-key` where there is one, else `postbote.key` in the state directory.
    static func choose(stateDirectory: String, credentialsDirectory: String?) -> KeyFile {
        let next = stateDirectory + "/postbote.key.new"
        if let directory = credentialsDirectory {
            let path = directory + "/postbote-key"
            if access(path, F_OK) == 0 { return KeyFile(path: path, origin: .credential, next: next) }
        }
        return KeyFile(path: stateDirectory + "/postbote.key", origin: .stateDirectory, next: next)
    }

    /// The key, or `nil` when there is no such file.
    func read() throws(Failure) -> MasterKey? { try read(path, origin) }

    /// The key that is to take this one's place, or `nil` when there is none.
    func readNext() throws(Failure) -> MasterKey? { try read(next, .stateDirectory) }

    private func read(_ path: String, _ origin: Origin) throws(Failure) -> MasterKey? {
        let flags = O_RDONLY | O_CLOEXEC | (origin == .stateDirectory ? O_NOFOLLOW : 0)
        let descriptor = open(path, flags)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw SystemCallFailure.failure("open", path, errno: errno)
        }
        defer { close(descriptor) }
        try checkPermissions(descriptor, path, origin)
        var bytes = [UInt8](repeating: 0, count: Limits.keyFileOctets)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw SystemCallFailure.failure("read", path, errno: errno) }
        guard let key = KeyFile.parse(Array(bytes.prefix(count))) else {
            throw refusal(
                "\(path) does not hold a key: 64 hexadecimal digits or 32 octets are expected. Put the right key back.",
                path)
        }
        return key
    }

    /// Makes a new key and its file, durable before anything is sealed with it: a database without its key is lost.
    func create() throws(Failure) -> MasterKey { try create(path) }

    /// Makes the key that is to take this one's place, durable.
    func createNext() throws(Failure) -> MasterKey { try create(next) }

    /// The next key takes the place of this one; not that of a credential, which is not ours to change.
    ///
    /// - Parameter former: kept beside it: something may be sealed with it still.
    func adoptNext(keeping former: MasterKey? = nil) throws(Failure) {
        guard origin == .stateDirectory else { return }
        if let former, link(path, "\(path).former-\(former.id.hexadecimal)") != 0, errno != EEXIST {
            throw SystemCallFailure.failure("link", path, errno: errno)
        }
        guard rename(next, path) == 0 else { throw SystemCallFailure.failure("rename", next, errno: errno) }
        try Directory.sync(Directory.parent(of: path))
    }

    func removeNext() { unlink(next) }

    private func create(_ path: String) throws(Failure) -> MasterKey {
        let secret = MasterKey.generate()
        guard let key = MasterKey(secret) else { preconditionFailure("a generated key has the right size") }
        // Under another name first, so that a crash never leaves half a key where the whole one belongs.
        let draft = path + ".draft"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemCallFailure.failure("open", draft, errno: errno) }
        defer { close(descriptor) }
        let text = secret.withBytes { Array(($0.hexadecimal + "\n").utf8) }
        let written = write(descriptor, text, text.count)
        guard written == text.count else {
            throw SystemCallFailure.failure("write", draft, errno: written < 0 ? errno : ENOSPC)
        }
        guard fsync(descriptor) == 0 else { throw SystemCallFailure.failure("fsync", draft, errno: errno) }
        guard rename(draft, path) == 0 else { throw SystemCallFailure.failure("rename", path, errno: errno) }
        try Directory.sync(Directory.parent(of: path))
        return key
    }

    private static func parse(_ bytes: [UInt8]) -> MasterKey? {
        if let key = MasterKey(Secret(bytes: bytes)) { return key }
        var digits = bytes
        while let last = digits.last, last == 0x0a || last == 0x0d || last == 0x20 { digits.removeLast() }
        guard let decoded = [UInt8](hexadecimal: String(decoding: digits, as: UTF8.self)) else { return nil }
        return MasterKey(Secret(bytes: decoded))
    }

    /// A key that others can read is a key that others have. systemd's credentials may show the group bits of an
    /// access control list, so there only the world is looked at.
    private func checkPermissions(_ descriptor: Int32, _ path: String, _ origin: Origin) throws(Failure) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemCallFailure.failure("stat", path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("\(path) is not a regular file.", path) }
        let forbidden: mode_t = origin == .credential ? 0o007 : 0o077
        guard status.st_mode & forbidden == 0 else {
            throw refusal("Others can read the key in \(path). Run: chmod 600 \(path)", path)
        }
        guard origin == .credential || status.st_uid == geteuid() || geteuid() == 0 else {
            throw refusal("\(path) belongs to another user (\(status.st_uid)). Run: chown \(geteuid()) \(path)", path)
        }
    }

    private func refusal(_ reason: String, _ path: String) -> Failure {
        Failure(
            .daemon, .whenReconfigured(by: .operatorOfPostbote), operation: "read master key", reason: reason,
            place: ["file": path])
    }
}
