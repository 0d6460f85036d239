import Diagnostics
import Dispatch
import Glibc
import MailModel

/// Reads secrets from where the configuration says they are, each time anew, so that a renewed one is seen.
///
/// Reading blocks (a file may lie on a network, a command takes its time), so it runs on queues of its own: a few lanes, so
/// that one that hangs does not hold up all.
public struct SecretReader: Sendable {
    private let directories: ConfigurationDirectories
    private let environment: [String: String]
    private let commandTimeout: Duration
    private let warn: @Sendable (String) -> Void
    private let lanes: [DispatchQueue]

    /// `warn` is told in a sentence when others can read a secret's file.
    public init(
        directories: ConfigurationDirectories, environment: [String: String],
        warn: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.init(
            directories: directories, environment: environment, commandTimeout: Limits.secretCommand, warn: warn
        )
    }

    init(
        directories: ConfigurationDirectories, environment: [String: String], commandTimeout: Duration,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.directories = directories
        self.environment = environment
        self.commandTimeout = commandTimeout
        self.warn = warn
        lanes = (0..<Limits.secretLanes).map { DispatchQueue(label: "postbote.secrets.\($0)") }
    }

    /// The secret, without the one line end a file or a command's output ends with. It is never empty.
    public func read(_ source: SecretSource) async throws(Failure) -> Secret {
        if case .literal(let literal) = source { return literal.secret }
        return try await withCheckedContinuation { continuation in
            lanes[lane(of: source)].async { continuation.resume(returning: result(source)) }
        }.get()
    }

    /// The same secret is always read in the same lane; files are not behind commands.
    private func lane(of source: SecretSource) -> Int {
        guard case .command(let words) = source else { return 0 }
        let sum = words.joined().utf8.reduce(0 as UInt) { $0 &* 31 &+ UInt($1) }
        return 1 + Int(sum % UInt(lanes.count - 1))
    }

    private func result(_ source: SecretSource) -> Result<Secret, Failure> {
        Result { () throws(Failure) in
            let bytes =
                switch source {
                case .literal(let literal): literal.secret.withBytes { $0 }
                case .file(let path): try file(path, missing: "create it, or correct the configuration")
                case .environment(let name): try variable(name)
                case .credential(let name): try credential(name)
                case .command(let words):
                    try SecretCommand(words: words, environment: environment, timeout: commandTimeout).output()
                }
            let trimmed = SecretReader.withoutLineEnd(bytes)
            guard !trimmed.isEmpty else { throw .unreadable(source, "it is empty") }
            return Secret(bytes: trimmed)
        }
    }

    static func withoutLineEnd(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.last == UInt8(ascii: "\n") else { return bytes }
        let shorter = bytes.dropLast()
        return Array(shorter.last == UInt8(ascii: "\r") ? shorter.dropLast() : shorter)
    }

    // MARK: The sources

    private func file(_ path: String, missing: String) throws(Failure) -> [UInt8] {
        // A pipe that nobody writes to must not hold up the lane.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .file(path, errno, missing: missing) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0,
            let bytes = BoundedRead.all(of: descriptor, limit: Limits.secretSize)
        else { throw .file(path, errno, missing: missing) }
        guard bytes.count <= Limits.secretSize else {
            throw .unreadable(.file(path), "it is larger than \(Limits.secretSize >> 10) KB")
        }
        if status.st_mode & S_IROTH != 0 {
            warn("everybody on this machine can read the secret \(path): chmod 600 it")
        }
        return bytes
    }

    private func variable(_ name: String) throws(Failure) -> [UInt8] {
        guard let text = environment[name] else { throw .unreadable(.environment(name), "it is not set") }
        return Array(text.utf8)
    }

    private func credential(_ name: String) throws(Failure) -> [UInt8] {
        let hint = "give it to the service with LoadCredential= or LoadCredentialEncrypted= and restart"
        guard let directory = directories.credentials else { throw .unreadable(.credential(name), hint) }
        return try file("\(directory)/\(name)", missing: hint)
    }
}

extension Failure {
    /// A secret that the operator has to put right.
    static func unreadable(_ source: SecretSource, _ problem: String) -> Failure {
        Failure(
            .account, .whenReconfigured(by: .operatorOfPostbote), operation: "read secret",
            reason: "\(source.place) cannot be used: \(problem)"
        )
    }

    fileprivate static func file(_ path: String, _ number: Int32, missing: String) -> Failure {
        switch number {
        case ENOENT, ENOTDIR: return unreadable(.file(path), "it is not there; \(missing)")
        case EACCES, EPERM: return unreadable(.file(path), "the user id \(geteuid()) may not read it")
        default: break
        }
        return Failure(
            .account, .later(after: nil), operation: "read secret",
            reason: "\(SecretSource.file(path).place) cannot be read: \(String(cString: strerror(number)))"
        )
    }
}
