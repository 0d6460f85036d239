import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// The exclusive hold on a state directory: two daemons on one ledger would deliver everything twice.
///
/// The kernel drops it with the process, so a crash leaves no stale lock. The file holds the owner's process id while it
/// runs; a clean stop empties it, so that the next start knows how the last one ended.
final class StateLock: Sendable {
    /// Whether the previous owner ended without saying so.
    let previousStopWasUnclean: Bool
    private let descriptor: Int32

    init(_ path: String) throws(Failure) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw SystemCallFailure.failure("open", path, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            let owner = StateLock.readOwner(descriptor)
            close(descriptor)
            throw code == EWOULDBLOCK
                ? StateLock.taken(path, by: owner) : SystemCallFailure.failure("flock", path, errno: code)
        }
        self.descriptor = descriptor
        previousStopWasUnclean = !StateLock.readOwner(descriptor).isEmpty
        StateLock.write(String(getpid()) + "\n", to: descriptor)
    }

    /// Lets the next one in.
    ///
    /// - Parameter clean: everything was put away.
    func release(clean: Bool) {
        // Only while it is ours: the next owner has written itself into the file.
        if clean { ftruncate(descriptor, 0) }
        flock(descriptor, LOCK_UN)
    }

    deinit { close(descriptor) }

    private static func taken(_ path: String, by owner: String) -> Failure {
        let who = owner.isEmpty ? "Another process" : "Process \(owner)"
        return Failure(
            .daemon, .whenReconfigured(by: .operatorOfPostbote), operation: "open state",
            reason: "\(who) holds \(path): a Postbote already runs on this state directory. Stop it first "
                + "(systemctl stop postbote), or give this one a `state_directory:` of its own.",
            place: ["file": path, "pid": owner])
    }

    private static func readOwner(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let digits = bytes.prefix(max(0, count)).prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// Losing this text loses only a hint, so it needs no sync.
    private static func write(_ text: String, to descriptor: Int32) {
        ftruncate(descriptor, 0)
        var copy = text
        _ = copy.withUTF8 { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }
}
