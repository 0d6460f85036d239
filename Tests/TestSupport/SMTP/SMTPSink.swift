import Glibc

/// Postfix's smtp-sink(1): a fast SMTP server that keeps every transaction in a file.
public final class SMTPSink: Sendable {
    public struct Options: Sendable {
        /// Commands answered with 5xx, in smtp-sink's names: `MAIL`, `RCPT`, `DATA`, `.`, … (turns PIPELINING off).
        public var refused: [String] = []
        /// Commands answered with 4xx (turns PIPELINING off).
        public var deferred: [String] = []
        /// Commands that end the connection without a reply.
        public var closing: [String] = []
        /// Commands that get 421 and end the connection.
        public var shuttingDown: [String] = []
        /// Further arguments.
        public var extra: [String] = []

        public init() {}
    }

    public let port: Int
    private let child: ChildProcess
    private let directory: TemporaryDirectory

    public static func start(_ options: Options = Options()) async throws -> SMTPSink {
        let directory = try TemporaryDirectory(prefix: "smtp-sink", mode: 0o755)
        let dumps = try directory.directory("dumps")
        var childOptions = ChildProcess.Options()
        if SystemUser.isRoot, let nobody = SystemUser(named: "nobody") {
            // As root it insists on another user; taken here, so that the parent-death signal stays set.
            childOptions.user = nobody
            chown(dumps, nobody.identity, nobody.group)
        }
        var arguments = ["-m", "1000", "-d", "\(dumps)/%s."]
        for (option, commands) in [
            ("-f", options.refused), ("-r", options.deferred), ("-q", options.closing), ("-Q", options.shuttingDown),
        ] where !commands.isEmpty {
            arguments += [option, commands.joined(separator: ",")]
        }
        let child = try ChildProcess(
            "smtp-sink", arguments + options.extra + ["127.0.0.1:0", "1000"], options: childOptions)
        return SMTPSink(port: try await listeningPort(of: child), child: child, directory: directory)
    }

    private init(port: Int, child: ChildProcess, directory: TemporaryDirectory) {
        self.port = port
        self.child = child
        self.directory = directory
    }

    public var processID: pid_t { child.processID }

    public func stop() async { await child.stop() }

    /// How many transactions were begun so far.
    public var begun: Int { Directory.names(in: directory("dumps")).count }

    /// What was taken over so far, in no particular order.
    public func transactions() throws -> [SMTPTransaction] { try Self.transactions(in: directory("dumps")) }

    /// The same, once there are `count`.
    public func transactions(
        atLeast count: Int, within limit: Duration = Limits.wait
    ) async throws -> [SMTPTransaction] {
        let dumps = directory("dumps")
        return try await FileWatch.change(in: dumps, within: limit, what: "\(count) messages in smtp-sink") {
            guard Directory.names(in: dumps).count >= count else { return nil }
            guard let found = try? Self.transactions(in: dumps), found.count >= count else { return nil }
            return found
        }
    }

    private static func transactions(in dumps: String) throws -> [SMTPTransaction] {
        try Directory.names(in: dumps).compactMap { try SMTPTransaction(dump: Directory.bytes(of: "\(dumps)/\($0)")) }
    }

    /// The kernel picks the port at bind(2). The program does not tell it, nor when it is ready, so its socket is looked up
    /// until it is there.
    private static func listeningPort(of child: ChildProcess) async throws -> Int {
        try await within(Limits.wait, "smtp-sink to listen") {
            while child.exitStatus == nil {
                if let port = ProcessSockets.listeningPort(of: child.processID) { return port }
                try await Task.sleep(for: .milliseconds(1))
            }
            throw ProcessOutput.OutputEnded(what: "a listening socket", name: "smtp-sink", tail: child.errors.text)
        }
    }
}

extension SMTPTransaction {
    /// One of smtp-sink's dump files; `nil` when the transaction was given up, which empties its file.
    init?(dump: [UInt8]) {
        self.init(reversePath: "", recipients: [], bytes: [])
        var rest = dump[...]
        var isFolded = false
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            let isOwn =
                line.hasPrefix("X-") || line.hasPrefix("Received: from ") || (isFolded && line.hasPrefix("\t"))
            // Its own fields end with the one Received field of three lines.
            guard isOwn else { break }
            isFolded = isFolded || line.hasPrefix("Received: ")
            take(line)
            rest = rest[(end + 1)...]
            if isFolded, line.hasSuffix(")"), line.hasPrefix("\t") { break }
        }
        // A line end of its own closes the file.
        guard isFolded, rest.last == UInt8(ascii: "\n") else { return nil }
        bytes = Array(rest.dropLast())
    }

    private mutating func take(_ line: String) {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { return }
        let words = parts[1].split(separator: " ").map(String.init)
        guard let path = words.first.map({ $0.trimmingAngles }) else { return }
        switch parts[0] {
        case "X-Mail-Args":
            reversePath = path
            parameters = Array(words.dropFirst())
        case "X-Rcpt-Args": recipients.append(path)
        default: break
        }
    }
}

extension String {
    var trimmingAngles: String { hasPrefix("<") && hasSuffix(">") ? String(dropFirst().dropLast()) : self }
}
