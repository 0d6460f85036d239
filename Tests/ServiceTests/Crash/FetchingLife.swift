import Glibc
import TestSupport
import Testing

/// Mailboxes on a real server, and a service that fetches them, is crashed on the way and started again.
struct FetchingLife: Sendable {
    /// A folder of the server, where its mail is to be found, and what is in it.
    struct Folder: Sendable {
        var name: String
        var messages: [[UInt8]]
        var maildir: String { name == "INBOX" ? "state/mail/anna" : "state/mail/anna/.\(name)" }
    }

    let dovecot: DovecotServer
    let authorization: AuthorizationServer
    let folders: [Folder]
    /// What stands between the braces of `receive:`.
    let receive: String
    /// A service that was stopped after its account was signed in.
    private let signedIn: ServiceUnderTest

    /// - Parameter others: users with an account and one message each.
    static func start(_ folders: [Folder], receive: String, others: [String] = []) async throws -> FetchingLife {
        let signedIn = try await ServiceUnderTest.start(users: [ServiceUnderTest.user] + others)
        for folder in folders {
            try signedIn.dovecot.deliver(folder.messages, to: ServiceUnderTest.user, folder: folder.name)
        }
        try signedIn.configure(receive: "enabled: false", send: "enabled: false", others: others)
        let daemon = try await signedIn.serve()
        for user in [ServiceUnderTest.user] + others {
            try await signedIn.consent(String(user.prefix { $0 != "@" }), user: user)
        }
        for user in others { try signedIn.dovecot.deliver(MessageCorpus(seed: 9)[0], to: user) }
        #expect(await daemon.stop() == .exited(0))
        return FetchingLife(signedIn, folders, receive)
    }

    /// - Parameter signedIn: was stopped; each service begins with its state.
    init(_ signedIn: ServiceUnderTest, _ folders: [Folder], _ receive: String) {
        self.signedIn = signedIn
        self.folders = folders
        self.receive = receive
        dovecot = signedIn.dovecot
        authorization = signedIn.authorization
    }

    func stop() async { await signedIn.stop() }

    /// A service of its own, as far as the first one was: with nothing fetched yet, or before a recovery.
    func service(_ places: ServiceUnderTest.Places = .init(), others: [String] = []) async throws -> ServiceUnderTest
    {
        let service = try ServiceUnderTest(dovecot: dovecot, authorization: authorization)
        try await service.takeState(of: signedIn)
        try service.configure(
            receive: receive, send: "enabled: false", extra: "log_level: debug", places: places, others: others)
        return service
    }

    // MARK: A run

    /// Crashes the service at `point`, as often as `times` says, then lets it run, and compares what came of it with what
    /// the server has.
    ///
    /// - Parameter consumes: A reader takes each message the moment it appears.
    /// - Returns: whether the step was reached.
    func run(_ point: CrashPoint, consumes: Bool, times: Int = 1) async throws -> Bool {
        let service = try await service()
        let consumer = consumes ? try consumer(of: service) : nil
        var isReached = false
        for _ in 0..<times {
            guard try await service.crash(at: point, whenSeen: visits) else { break }
            isReached = true
        }
        try await finish(service, consumer, "\(point)")
        return isReached
    }

    func consumer(of service: ServiceUnderTest) throws -> MailConsumer {
        try MailConsumer(folders.map { try service.directory.directory("\($0.maildir)/new") })
    }

    /// Starts the service, lets it come to its end, and compares.
    func finish(_ service: ServiceUnderTest, _ consumer: MailConsumer?, _ point: String) async throws {
        let daemon = try await service.serve()
        let fetched = try await service.run("fetch", "anna", "--wait")
        #expect(fetched.status == .exited(0), "\(point): \(fetched.errors)\(daemon.errors.text)")
        #expect(await daemon.stop() == .exited(0), "\(point)")
        try check(service, consumer, point)
    }

    func check(_ service: ServiceUnderTest, _ consumer: MailConsumer?, _ point: String) throws {
        let delivered =
            try consumer?.messages
            ?? folders.flatMap { folder in
                let new = service.directory(folder.maildir + "/new")
                return try Directory.names(in: new).map { try Directory.bytes(of: "\(new)/\($0)") }
            }
        let served = folders.flatMap(\.messages)
        #expect(delivered.count == served.count, "\(point)")
        // In a constant, so that a failure does not print them.
        let areSame = sameMessages(delivered, served)
        #expect(areSame, "\(point)")
        for folder in folders {
            let staged = Directory.names(in: service.directory(folder.maildir + "/postbote-staging"))
            #expect(staged.isEmpty, "\(point): \(staged)")
        }
    }

    /// Returns once all of anna's folders were visited.
    func visits(_ daemon: ChildProcess) async throws {
        for folder in folders {
            try await daemon.errors.line("the end of the visit to \(folder.name)") { line in
                line.contains("EVENT=fetch_finished ACCOUNT=anna FOLDER=\(folder.name) ")
            }
        }
    }
}
