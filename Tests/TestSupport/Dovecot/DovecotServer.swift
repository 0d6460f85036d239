import Glibc
import Synchronization

/// A real Dovecot: IMAP, POP3, submission and LMTP on loopback ports the kernel picked, everything else in a directory
/// of its own.
///
/// Its sockets are made here and handed over, so ports outlive a restart. While it is stopped, connections are refused.
/// It ends with `stop()`, with the last reference, or with this process, however that ends.
public final class DovecotServer: Sendable {
    public let options: DovecotOptions
    /// Holds configuration, mail and run-time files; Dovecot's own users can read it.
    public let directory: TemporaryDirectory
    public let mailUser: SystemUser
    /// What a client must trust, as a PEM file.
    public let authorityFile: String

    private let sockets: [DovecotService: ListeningSocket]
    private let child = Mutex<ChildProcess?>(nil)

    /// Sets up a server and starts it.
    public static func start(_ options: DovecotOptions = DovecotOptions()) async throws -> DovecotServer {
        let certificate: ServerCertificate
        if let given = options.certificate { certificate = given } else { certificate = try await .localhost() }
        let server = try DovecotServer(options, certificate: certificate)
        try await server.start()
        return server
    }

    private init(_ options: DovecotOptions, certificate: ServerCertificate) throws {
        self.options = options
        directory = try TemporaryDirectory(prefix: "dovecot", mode: 0o755)
        var sockets: [DovecotService: ListeningSocket] = [:]
        for service in DovecotService.allCases { sockets[service] = try ListeningSocket() }
        self.sockets = sockets
        let configuration = try DovecotConfiguration(
            base: directory.path, options: options, ports: sockets.mapValues(\.port))
        mailUser = configuration.mailUser
        authorityFile = try directory.file("authority.pem", certificate.authority)
        try directory.file("certificate.pem", certificate.certificate)
        try directory.file("key.pem", certificate.key, mode: 0o600)
        try Self.write(configuration, to: directory)
    }

    private static func write(_ configuration: DovecotConfiguration, to directory: TemporaryDirectory) throws {
        let options = configuration.options
        try directory.file("dovecot.conf", configuration.main)
        try directory.file("users", configuration.users)
        try directory.file("oauth2-user.conf", configuration.oauth2ForUser)
        try directory.file("oauth2-app.conf", configuration.oauth2(claim: "idtyp", value: "app"))
        for (mailbox, person) in options.delegations {
            try directory.file("oauth2-\(mailbox).conf", configuration.oauth2(claim: "upn", value: person))
        }
        // The path is made of the claim azp, the algorithm and the key's id.
        try directory.directory("keys/default/ES256")
        try directory.file("keys/default/ES256/\(options.signer.keyIdentifier)", options.signer.publicKey)
        let mail = try directory.directory("mail")
        chown(mail, configuration.mailUser.identity, configuration.mailUser.group)
        try directory.directory("state")
    }

    public func port(_ service: DovecotService) -> Int {
        guard let socket = sockets[service] else { preconditionFailure("every service has a socket") }
        return socket.port
    }

    /// Dovecot's master process, which leads the session of all its processes.
    public var processID: pid_t? { child.withLock { $0?.processID } }

    /// Everything Dovecot logged since it was started last.
    public var log: ProcessOutput {
        guard let child = child.withLock({ $0 }) else { preconditionFailure("a started server has logged") }
        return child.errors
    }

    /// Starts it again after `stop()`.
    public func start() async throws {
        for socket in sockets.values { try socket.listen() }
        var options = ChildProcess.Options()
        options.passing = DovecotService.allCases.compactMap { sockets[$0]?.descriptor }
        options.socketActivation = true
        // Dovecot's master ends its children when it is told to end, not when it is killed.
        options.parentDeathSignal = SIGTERM
        let child = try ChildProcess("dovecot", ["-F", "-c", directory("dovecot.conf")], options: options)
        self.child.withLock { $0 = child }
        try await child.errors.line(containing: "starting up for")
    }

    /// Ends it; its ports stay reserved and refuse.
    public func stop() async {
        guard let child = child.withLock({ $0 }) else { return }
        await child.stop()
        for socket in sockets.values { try? socket.refuse() }
    }

    /// Ends it without a word to anybody, as a crash of the machine would.
    public func crash() async {
        guard let child = child.withLock({ $0 }) else { return }
        await child.stop(signal: SIGKILL, grace: .zero)
        for socket in sockets.values { try? socket.refuse() }
    }

    public func restart() async throws {
        await stop()
        try await start()
    }

    /// Runs doveadm(1), and returns what it printed.
    @discardableResult
    public func doveadm(_ arguments: String..., input: [UInt8]? = nil) async throws -> [UInt8] {
        try await doveadm(arguments, input: input)
    }

    @discardableResult
    public func doveadm(_ arguments: [String], input: [UInt8]? = nil) async throws -> [UInt8] {
        try await ChildProcess.check("doveadm", ["-c", directory("dovecot.conf")] + arguments, input: input).output
    }
}
