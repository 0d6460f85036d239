import CTestSupport
import Glibc
import Synchronization

/// A program that a test started.
///
/// It leads a session of its own and ends with this process, however this process ends; what it started in its process
/// group is killed with it by `stop()` and when the last reference goes.
public final class ChildProcess: Sendable {
    public struct Options: Sendable {
        /// `nil`: this process's environment.
        public var environment: [String: String]?
        /// Set on top of `environment`; `nil` values unset.
        public var adding: [String: String?] = [:]
        public var directory: String?
        /// The user the program runs as, which needs root.
        public var user: SystemUser?
        /// What the program gets when this process ends.
        public var parentDeathSignal = SIGKILL
        /// Descriptors that become 3, 4, … in the program.
        public var passing: [Int32] = []
        /// Announces the passed descriptors as listening sockets, as systemd does (sd_listen_fds(3)).
        public var socketActivation = false
        /// Whether `write` can be used; otherwise standard input is `/dev/null`.
        public var hasInput = false
        public var openFiles: UInt?

        public init() {}
    }

    public let processID: pid_t
    public let program: String
    public let output: ProcessOutput
    public let errors: ProcessOutput

    private let status = Watched<ExitStatus?>(nil)
    private let input: Mutex<Int32?>

    /// - Parameter program: A path, or a name to be looked up in `PATH` and the administrator's directories.
    public init(_ program: String, _ arguments: [String] = [], options: Options = Options()) throws {
        guard let path = Program.path(of: program) else { throw SystemError("find", path: program, code: ENOENT) }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let pipes = try ChildPipes(withInput: options.hasInput)
        defer { pipes.closeChildEnds() }
        do {
            processID = try SpawnRequest(path: path, arguments: [name] + arguments, options: options).run(pipes)
        } catch {
            pipes.closeParentEnds()
            throw error
        }
        self.program = path
        output = ProcessOutput(name: "standard output of \(name)")
        errors = ProcessOutput(name: "standard error of \(name)")
        input = Mutex(pipes.input?.parent)
        output.read(from: pipes.output.parent)
        errors.read(from: pipes.errors.parent)
        watchExit()
    }

    deinit {
        if status.value == nil { kill(-processID, SIGKILL) }
        closeInput()
    }

    /// `nil` while the program runs.
    public var exitStatus: ExitStatus? { status.value }

    /// Waits for the program to end by itself.
    @discardableResult
    public func exit(within limit: Duration = Limits.wait) async throws -> ExitStatus {
        try await status.wait(for: "the end of \(program)", within: limit) { $0 }
    }

    public func send(signal: Int32) {
        // Under the lock of the status, so that the id cannot have been given to another process.
        status.update { if $0 == nil { _ = kill(processID, signal) } }
    }

    /// Ends the program with `signal`, and with SIGKILL all of its group that is still there after `grace`.
    @discardableResult
    public func stop(signal: Int32 = SIGTERM, grace: Duration = Limits.childGrace) async -> ExitStatus? {
        send(signal: signal)
        _ = try? await exit(within: grace)
        kill(-processID, SIGKILL)
        return try? await exit()
    }

    /// Writes to the program's standard input, waiting in the call while the pipe is full.
    public func write(_ bytes: [UInt8]) throws {
        guard let descriptor = input.withLock({ $0 }) else { throw SystemError("write", code: EBADF) }
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + done, $0.count - done) }
            guard count > 0 else { throw SystemError("write") }
            done += count
        }
    }

    public func closeInput() {
        input.withLock { descriptor in
            if let descriptor { close(descriptor) }
            descriptor = nil
        }
    }

    private func watchExit() {
        let descriptor = test_process_descriptor(processID)
        precondition(descriptor >= 0, "no pidfd_open: the kernel is older than 5.3")
        ReadinessLoop.shared.watch(descriptor) { [processID, status] in
            status.update { status in
                var waitStatus: Int32 = 0
                guard waitpid(processID, &waitStatus, 0) == processID else { return }
                status = ExitStatus(waitStatus: waitStatus)
            }
            return false
        }
    }
}

extension ChildProcess {
    /// What a program that ran to its end left.
    public struct Finished: Sendable {
        public let status: ExitStatus
        public let output: [UInt8]
        public let errors: String
        public var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// Runs a program to its end.
    public static func run(
        _ program: String, _ arguments: [String] = [], input: [UInt8]? = nil, options: Options = Options(),
        within limit: Duration = Limits.wait
    ) async throws -> Finished {
        var options = options
        options.hasInput = input != nil
        let child = try ChildProcess(program, arguments, options: options)
        if let input {
            // A program that does not read all of it is no error here; its exit status says more.
            try? child.write(input)
            child.closeInput()
        }
        let status = try await child.exit(within: limit)
        try await child.output.ended(within: limit)
        try await child.errors.ended(within: limit)
        return Finished(status: status, output: child.output.bytes, errors: child.errors.text)
    }

    /// Runs a program to its end and throws `Failed` unless that is exit status 0.
    @discardableResult
    public static func check(
        _ program: String, _ arguments: [String] = [], input: [UInt8]? = nil, options: Options = Options(),
        within limit: Duration = Limits.wait
    ) async throws -> Finished {
        let finished = try await run(program, arguments, input: input, options: options, within: limit)
        guard finished.status.isSuccess else {
            throw Failed(command: ([program] + arguments).joined(separator: " "), finished: finished)
        }
        return finished
    }

    public struct Failed: Error, CustomStringConvertible {
        public let command: String
        public let finished: Finished
        public var description: String { "\(command): \(finished.status)\n\(finished.errors)\(finished.text)" }
    }
}
