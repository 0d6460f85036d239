import Glibc

/// A Postbote of its own: configuration, state and control socket in a directory that goes with the last reference;
/// used as an administrator uses it, through the built program.
public final class PostboteInstance: Sendable {
    public let directory: TemporaryDirectory
    /// The program's path.
    public let program: String
    private let environment: [String: String?]

    /// - Parameter program: the path of a built `postbote`; `nil`: the one beside this program.
    public init(prefix: String = "postbote", program: String? = nil) throws {
        self.program = try program ?? Program.built("postbote")
        directory = try TemporaryDirectory(prefix: prefix)
        environment = [
            "POSTBOTE_CONFIG": directory("postbote.yaml"), "STATE_DIRECTORY": directory("state"),
            "RUNTIME_DIRECTORY": try directory.directory("run"), "JOURNAL_STREAM": nil, "NOTIFY_SOCKET": nil,
            "CREDENTIALS_DIRECTORY": nil,
        ]
    }

    /// Where the built-in destination puts an account's mail.
    public func maildir(of account: String) -> String { directory("state/mail/\(account)") }

    public func configure(_ text: String) throws { try directory.file("postbote.yaml", text, mode: 0o600) }

    /// Starts the daemon, and returns once it is ready.
    ///
    /// - Parameters:
    ///   - wrapper: a program and its arguments that run the daemon in their own process, such as `strace -D`.
    ///   - limit: how long it may take to become ready.
    public func serve(
        under wrapper: [String] = [], within limit: Duration = Limits.wait
    ) async throws -> ChildProcess {
        let words = wrapper + [program, "serve"]
        let daemon = try ChildProcess(words[0], Array(words.dropFirst()), options: options)
        try await daemon.errors.line(containing: "EVENT=ready", within: limit)
        return daemon
    }

    /// Runs a command to its end.
    ///
    /// - Throws: `ChildProcess.Failed` unless it ends with 0.
    @discardableResult
    public func command(
        _ arguments: String..., input: String? = nil, within limit: Duration = Limits.wait
    ) async throws -> ChildProcess.Finished {
        try await ChildProcess.check(
            program, arguments, input: input.map { Array($0.utf8) }, options: options, within: limit)
    }

    private var options: ChildProcess.Options {
        var options = ChildProcess.Options()
        options.adding = environment
        return options
    }
}
