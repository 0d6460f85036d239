import CLinux
import Diagnostics
import Glibc

/// A program that is run without a shell, for what it prints. Its standard error is dropped.
public struct BoundedCommand: Sendable {
    /// Why there is no output.
    public enum Trouble: Error, Hashable, Sendable {
        /// There is no such program, or it may not be run.
        case cannotRun(String)
        /// The operating system could not just now.
        case refused(String)
        case tooLong
        case tooMuch
        case killed(signal: Int32)
        case exited(Int32)
    }

    /// The program and its arguments; never empty.
    public var words: [String]
    public var environment: [String: String]
    /// It is killed then, with all that it started.
    public var timeout: Duration
    /// Octets of its output.
    public var limit: Int

    public init(words: [String], environment: [String: String], timeout: Duration, limit: Int) {
        self.words = words
        self.environment = environment
        self.timeout = timeout
        self.limit = limit
    }

    /// Blocks until the program has ended, or was killed at its deadline.
    public func output() throws(Trouble) -> [UInt8] {
        var ends: [Int32] = [-1, -1]
        guard linux_pipe(&ends) == 0 else { throw .refused("no pipe: \(String(cString: strerror(errno)))") }
        defer { close(ends[0]) }
        let deadline = Deadline(after: timeout)
        let spawned = spawn(writingTo: ends[1])
        close(ends[1])
        let child: pid_t
        switch spawned {
        case .success(let pid): child = pid
        case .failure(let trouble): throw trouble
        }
        let bytes = read(from: ends[0], until: deadline)
        // Its group as well: what it started may hold the pipe. Not reaped yet, so the number is still theirs.
        if bytes.map({ $0.count > limit }) ?? true { kill(-child, SIGKILL) }
        let status = end(of: child, until: deadline)
        return try checked(bytes, status)
    }

    private func checked(_ bytes: [UInt8]?, _ status: Int32?) throws(Trouble) -> [UInt8] {
        guard let bytes, let status else { throw .tooLong }
        guard bytes.count <= limit else { throw .tooMuch }
        // wait(2): the low seven bits are the signal, the next byte is the exit status.
        guard status & 0x7F == 0 else { throw .killed(signal: status & 0x7F) }
        let exit = (status >> 8) & 0xFF
        guard exit == 0 else { throw .exited(exit) }
        return bytes
    }

    // MARK: Starting

    private func spawn(writingTo descriptor: Int32) -> Result<pid_t, Trouble> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, descriptor, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Whatever the daemon has open and forgot to mark stays with the daemon.
        linux_spawn_close_from(&actions, 3)
        prepare(&attributes)

        var pid: pid_t = 0
        let number = withCStrings(words) { arguments in
            withCStrings(environment.map { "\($0.key)=\($0.value)" }) { variables in
                posix_spawnp(&pid, words[0], &actions, &attributes, arguments, variables)
            }
        }
        guard number != 0 else { return .success(pid) }
        let problem = String(cString: strerror(number))
        let isConfiguration = [ENOENT, ENOTDIR, EACCES, ENOEXEC].contains(number)
        return .failure(isConfiguration ? .cannotRun(problem) : .refused(problem))
    }

    /// A process group of its own, so that all of it can be killed, and signals as a program expects them.
    private func prepare(_ attributes: inout posix_spawnattr_t) {
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
    }

    // MARK: Ending

    /// What is printed, up to one octet more than allowed; `nil` when the deadline passes first.
    private func read(from descriptor: Int32, until deadline: Deadline) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count <= limit {
            guard isReadable(descriptor, until: deadline) == true else { return nil }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count == 0 { break }
            if count > 0 { bytes += chunk[..<count] } else if errno != EINTR { return nil }
        }
        return bytes
    }

    /// Waits for the program, which has printed all, and kills its group at the deadline. `nil` if it had to be killed.
    private func end(of child: pid_t, until deadline: Deadline) -> Int32? {
        let process = linux_process_descriptor(child)
        defer { if process >= 0 { close(process) } }
        let hasEnded = process >= 0 && isReadable(process, until: deadline) == true
        if !hasEnded { kill(-child, SIGKILL) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return nil }
        }
        return hasEnded ? status : nil
    }

    /// `false` at the deadline, `nil` on an error.
    private func isReadable(_ descriptor: Int32, until deadline: Deadline) -> Bool? {
        while true {
            var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            let ready = poll(&entry, 1, deadline.milliseconds)
            if ready >= 0 { return ready > 0 }
            guard errno == EINTR else { return nil }
        }
    }
}

/// A moment on the monotonic clock.
private struct Deadline {
    private let instant: ContinuousClock.Instant

    init(after wait: Duration) { instant = .now + wait }

    /// What is left, for poll(2).
    var milliseconds: Int32 { Int32(clamping: max(0, (instant - .now).inMilliseconds)) }
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
