import Glibc

/// A real systemd: this machine's own root file system, booted in a container over a layer in memory, so that nothing stays
/// of what happens in it (systemd-nspawn(1)). It shares the network, and so reaches a test's servers.
public final class SystemdGuest: Sendable {
    /// It needs root, for mounts and namespaces.
    public static var isPossible: Bool { geteuid() == 0 }

    private let container: ChildProcess
    /// The guest's init, as it is seen from here.
    private let initID: pid_t
    private let directory: TemporaryDirectory

    /// Boots it, and returns once it is up.
    ///
    /// - Parameter files: files of this machine, by the paths at which they stand in the guest.
    public static func start(_ files: [String: String]) async throws -> SystemdGuest {
        let directory = try TemporaryDirectory(prefix: "guest")
        let root = try directory.directory("root")
        let shared = try directory.directory("shared")
        let unit = try directory.file("booted.service", booted)
        let name = directory.path.split(separator: "/").last.map(String.init) ?? "guest"
        let bindings = files.merging(["/etc/systemd/system/booted.service": unit]) { own, _ in own }
        var options = ChildProcess.Options()
        options.adding = ["SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"]
        // The root directory itself cannot be booted, but what is mounted elsewhere can; the mount ends with the program.
        let container = try ChildProcess(
            "unshare",
            [
                "--mount", "--propagation", "private", "/bin/sh", "-c", "mount --bind / \"$0\" && exec \"$@\"", root,
                "systemd-nspawn", "--quiet", "--directory=\(root)", "--volatile=overlay", "--boot", "--register=no",
                "--keep-unit", "--console=pipe", "--link-journal=no", "--machine=\(name)",
                "--bind=\(shared):/run/guest",
            ] + bindings.map { "--bind-ro=\($1):\($0)" } + ["systemd.unit=booted.service"], options: options)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await FileWatch.exists(shared + "/booted") }
            group.addTask {
                let status = try await container.exit()
                throw DidNotBoot(status: status, errors: container.errors.text + container.output.text)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        let children = try Directory.text(of: "/proc/\(container.processID)/task/\(container.processID)/children")
        guard let initID = children.split(separator: " ").first.flatMap({ pid_t($0) }) else {
            throw DidNotBoot(status: nil, errors: "it has no init")
        }
        return SystemdGuest(container, initID, directory)
    }

    private init(_ container: ChildProcess, _ initID: pid_t, _ directory: TemporaryDirectory) {
        self.container = container
        self.initID = initID
        self.directory = directory
    }

    private static let booted = """
        [Unit]
        Requires=basic.target
        After=basic.target
        [Service]
        Type=oneshot
        RemainAfterExit=yes
        ExecStart=/bin/touch /run/guest/booted

        """

    /// Runs a program in the guest to its end. What it leaves running, the guest ends.
    public func run(_ words: String..., input: String? = nil) async throws -> ChildProcess.Finished {
        try await ChildProcess.run("nsenter", entering + words, input: input.map { Array($0.utf8) })
    }

    /// As `run`, for what must end with 0; returns what it wrote.
    @discardableResult
    public func check(_ words: String..., input: String? = nil) async throws -> String {
        try await ChildProcess.check("nsenter", entering + words, input: input.map { Array($0.utf8) }).text
    }

    /// Shuts it down.
    public func stop() async { await container.stop() }

    private var entering: [String] { ["--target", "\(initID)", "--all", "--"] }

    public struct DidNotBoot: Error, CustomStringConvertible {
        let status: ExitStatus?
        let errors: String
        public var description: String { "the guest did not boot (\(status.map { "\($0)" } ?? "up")): \(errors)" }
    }
}
