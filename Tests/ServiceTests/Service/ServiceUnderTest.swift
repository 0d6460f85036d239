import Glibc
import TestSupport

/// `postbote serve` on throw-away servers, used as an administrator uses it.
final class ServiceUnderTest: Sendable {
    static let user = "anna@example.test"

    let directory: TemporaryDirectory
    let dovecot: DovecotServer
    let authorization: AuthorizationServer
    /// Where mail is submitted: Dovecot's own service, or a server that does what a test asks of it.
    let submissionPort: Int
    /// What the configuration trusts, besides the machine's authorities.
    let authorityFile: String
    private let environment: [String: String?]

    /// Another place for a server than its own: what stands between the braces.
    struct Places: Sendable {
        var imap: String?
        var pop3: String?
        var smtp: String?

        /// In clear, as it is allowed on loopback.
        static func plain(_ port: Int) -> String { "host: localhost, port: \(port), tls: none" }
    }

    /// - Parameter submission: instead of Dovecot's submission service; it must trust the same signer.
    init(
        dovecot: DovecotServer, authorization: AuthorizationServer, submission: SMTPServer? = nil
    ) throws {
        self.dovecot = dovecot
        self.authorization = authorization
        directory = try TemporaryDirectory(prefix: "pb")
        submissionPort = submission?.port ?? dovecot.port(.submission)
        let extra = submission.map { "\n" + $0.authority } ?? ""
        authorityFile = try directory.file("authority.pem", Directory.text(of: dovecot.authorityFile) + extra)
        environment = [
            "POSTBOTE_CONFIG": directory("postbote.yaml"), "STATE_DIRECTORY": directory("state"),
            "RUNTIME_DIRECTORY": try directory.directory("run"), "JOURNAL_STREAM": nil, "NOTIFY_SOCKET": nil,
            "CREDENTIALS_DIRECTORY": nil,
        ]
        try configure()
    }

    /// - Parameters:
    ///   - relay: where Dovecot's submission service sends mail on to.
    ///   - submission: instead of Dovecot's submission service; it must trust the same signer.
    ///   - users: who has a mailbox.
    static func start(
        relay: SMTPSink? = nil, submission: (TokenSigner) async throws -> SMTPServer? = { _ in nil },
        tokenLifetime: Duration = .seconds(3600), users: [String] = [user], sessionsPerUser: Int = 2000
    ) async throws -> ServiceUnderTest {
        var options = AuthorizationOptions()
        options.accessTokenLifetime = tokenLifetime
        let authorization = try await AuthorizationServer.start(options)
        var dovecotOptions = DovecotOptions(users: users.map { .init($0) })
        dovecotOptions.signer = options.signer
        dovecotOptions.sessionsPerUser = sessionsPerUser
        dovecotOptions.relay = relay.map { .init(port: $0.port) }
        let dovecot = try await DovecotServer.start(dovecotOptions)
        return try ServiceUnderTest(
            dovecot: dovecot, authorization: authorization, submission: try await submission(options.signer))
    }

    /// Writes the configuration; `receive` and `send` are what stands between the braces.
    ///
    /// - Parameters:
    ///   - extra: further lines, of the file's top level.
    ///   - others: users with an account of the same settings that is called like the user without the domain; theirs are
    ///     the real servers, wherever `places` leads anna.
    func configure(
        receive: String = "", send: String = "", extra: String = "", places: Places = Places(), others: [String] = []
    ) throws {
        let accounts = others.map { user in
            "  \(user.prefix { $0 != "@" }): {address: \(user), provider: real, receive: {\(receive)}, send: {\(send)}}\n"
        }
        try directory.file(
            "postbote.yaml",
            """
            poll_interval: 1h
            providers:
            \(provider("test", places))\(others.isEmpty ? "" : provider("real", Places()))accounts:
              anna: {address: \(Self.user), provider: test, receive: {\(receive)}, send: {\(send)}}
            \(accounts.joined())\(extra)
            """, mode: 0o600)
    }

    private func provider(_ name: String, _ places: Places) -> String {
        let scopes = AuthorizationServer.mailScopes.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
              \(name):
                preset: generic
                client_id: \(RegisteredClient.publicClient.identifier)
                token_url: \(authorization.tokenURL)
                device_url: \(authorization.deviceURL)
                authorize_url: \(authorization.authorizeURL)
                scopes: [\(scopes)]
                imap: {\(places.imap ?? "host: localhost, port: \(dovecot.port(.imaps)), tls: implicit")}
                pop3: {\(places.pop3 ?? "host: localhost, port: \(dovecot.port(.pop3)), tls: starttls")}
                smtp: {\(places.smtp ?? "host: localhost, port: \(submissionPort), tls: starttls")}
                ca_file: \(authorityFile)

            """
    }

    // MARK: Running

    /// Starts it, and waits for nothing.
    func spawn(adding more: [String: String?] = [:]) throws -> ChildProcess {
        var options = ChildProcess.Options()
        options.adding = environment.merging(more) { $1 }
        return try ChildProcess(PostboteProgram.path, ["serve"], options: options)
    }

    /// - Parameters:
    ///   - runner: a program with its arguments that runs the daemon in its own process, such as strace(1) with `-D`.
    ///   - variables: set for the daemon alone.
    ///   - user: whom it runs as; everything in `directory` is theirs from then on.
    func serve(
        _ program: String = PostboteProgram.path, through runner: [String] = [],
        adding variables: [String: String?] = [:], as user: SystemUser? = nil
    ) async throws -> ChildProcess {
        var options = ChildProcess.Options()
        options.adding = environment.merging(variables) { $1 }
        options.user = user
        if let user {
            try await ChildProcess.check("chown", ["-R", "\(user.identity):\(user.group)", directory.path])
        }
        let words = runner + [program, "serve"]
        let daemon = try ChildProcess(words[0], Array(words.dropFirst()), options: options)
        try await daemon.errors.line(containing: "EVENT=ready")
        return daemon
    }

    func run(_ arguments: String..., input: String? = nil) async throws -> ChildProcess.Finished {
        try await run(arguments, input: input.map { Array($0.utf8) })
    }

    func run(words arguments: [String], input: String? = nil) async throws -> ChildProcess.Finished {
        try await run(arguments, input: input.map { Array($0.utf8) })
    }

    func run(_ arguments: [String], input: [UInt8]?) async throws -> ChildProcess.Finished {
        var options = ChildProcess.Options()
        options.adding = environment
        return try await ChildProcess.run(PostboteProgram.path, arguments, input: input, options: options)
    }

    /// Starts a command that waits for its standard input or for what it asked the daemon for.
    func begin(_ arguments: String...) throws -> ChildProcess { try begin(arguments) }

    func begin(_ arguments: [String]) throws -> ChildProcess {
        var options = ChildProcess.Options()
        options.adding = environment
        options.hasInput = true
        return try ChildProcess(PostboteProgram.path, arguments, options: options)
    }

    /// Signs an account in with a refresh token that somebody consented to.
    /// - Returns: the refresh token.
    @discardableResult
    func consent(_ account: String = "anna", user: String = ServiceUnderTest.user) async throws -> String {
        let token = authorization.consent(user: user)
        let finished = try await run("authorize", account, "--import", "-", input: token + "\n")
        guard finished.status.isSuccess else { throw CommandFailed(description: finished.errors) }
        return token
    }

    struct CommandFailed: Error, CustomStringConvertible { let description: String }

    func stop() async {
        await dovecot.stop()
        await authorization.stop()
    }

    // MARK: State

    var state: String { directory("state") }

    /// Makes the state what another service left when it was stopped.
    func takeState(of other: ServiceUnderTest) async throws {
        try await ChildProcess.check("cp", ["-a", other.state, directory.path])
    }

    // MARK: What came of it

    /// The queue's messages in the states that `queue list` shows by itself and in `states`: id → state.
    func queue(_ states: String...) async throws -> [String: String] {
        var found: [String: String] = [:]
        for arguments in [[]] + states.map({ ["--state", $0] }) {
            let listed = try await run(["queue", "list"] + arguments, input: nil)
            guard listed.status.isSuccess else { throw CommandFailed(description: listed.errors) }
            for line in listed.text.split(separator: "\n").dropFirst() {
                let columns = line.split(separator: " ").map(String.init)
                found[columns[0]] = columns[2]
            }
        }
        return found
    }

    var new: String { directory("state/mail/anna/new") }

    func delivered() throws -> [[UInt8]] {
        try Directory.names(in: new).map { try Directory.bytes(of: "\(new)/\($0)") }
    }

    func served() async throws -> [[UInt8]] { try await dovecot.messages(of: Self.user).map(\.bytes) }
}

/// The same messages, each as often, in any order.
func sameMessages(_ one: [[UInt8]], _ other: [[UInt8]]) -> Bool {
    var counts: [[UInt8]: Int] = [:]
    for message in one { counts[message, default: 0] += 1 }
    for message in other { counts[message, default: 0] -= 1 }
    return counts.values.allSatisfy { $0 == 0 }
}
