import TestSupport
import Testing

/// Messages in a queue, and a service that sends them, is crashed or cut off on the way and started again.
struct SendingLife: Sendable {
    struct Message: Sendable {
        var id: String
        var subject: String
        var recipients: [String]
    }

    let dovecot: DovecotServer
    let authorization: AuthorizationServer
    let messages: [Message]
    /// A service that was stopped with these messages queued and none tried.
    private let queued: ServiceUnderTest

    /// - Parameters:
    ///   - count: messages of two recipients each.
    ///   - largest: the last one's octets; above 64 KB it has its content in a file.
    static func start(messages count: Int, largest: Int = 100_000) async throws -> SendingLife {
        let service = try await ServiceUnderTest.start()
        // Nobody listens: the direction waits, and no message is tried.
        let nobody = try ListeningSocket()
        try nobody.refuse()
        try service.configure(
            receive: "enabled: false", places: .init(smtp: ServiceUnderTest.Places.plain(nobody.port)))
        let daemon = try await service.serve()
        try await service.consent()
        var messages: [Message] = []
        for number in stride(from: 1, through: count, by: 1) {
            let subject = "number \(number)"
            let recipients = ["a\(number)@example.org", "b\(number)@example.org"]
            let content = Self.content(subject, recipients, size: number == count ? largest : 100)
            let sent = try await service.run(["send"], input: content)
            let id = try #require(sent.text.split(separator: "\n").first.map(String.init), "\(sent.errors)")
            messages.append(Message(id: id, subject: subject, recipients: recipients))
        }
        #expect(await daemon.stop() == .exited(0))
        return SendingLife(service, messages)
    }

    private init(_ queued: ServiceUnderTest, _ messages: [Message]) {
        self.queued = queued
        self.messages = messages
        dovecot = queued.dovecot
        authorization = queued.authorization
    }

    func stop() async { await queued.stop() }

    /// A message with lines that begin with dots, of about `size` octets.
    static func content(_ subject: String, _ recipients: [String], size: Int) -> [UInt8] {
        let header =
            "From: \(ServiceUnderTest.user)\nTo: \(recipients.joined(separator: ", "))\nSubject: \(subject)\n\n"
        return Array((header + String(repeating: ".dots and words\n", count: size / 16)).utf8)
    }

    func server(_ policy: @escaping @Sendable (SMTPServerEvent) -> SMTPServerAction? = { _ in nil }) async throws
        -> SMTPServer
    {
        var options = SMTPServerOptions()
        options.signer = authorization.options.signer
        options.policy = policy
        return try await SMTPServer.start(options)
    }

    /// A service of its own with the messages still to be sent.
    ///
    /// - Parameter port: where it is to send them, in clear; `nil`: the server, with STARTTLS.
    func service(to server: SMTPServer, through port: Int? = nil) async throws -> ServiceUnderTest {
        let service = try ServiceUnderTest(dovecot: dovecot, authorization: authorization, submission: server)
        try await service.takeState(of: queued)
        try service.configure(
            receive: "enabled: false", send: "rate: {connections: 1}",
            places: .init(smtp: port.map { ServiceUnderTest.Places.plain($0) }))
        return service
    }

    // MARK: A run

    /// Crashes the service at `point`, then lets it run, and compares what the server has accepted with the queue.
    ///
    /// - Returns: whether the step was reached.
    func run(_ point: CrashPoint) async throws -> Bool {
        let server = try await server()
        let service = try await service(to: server)
        let isReached = try await service.crash(at: point) { daemon in
            for message in messages { try await sees("message_sent", message, daemon) }
        }
        try await server.idle()
        let inDoubt = try await finish(service, server, "\(point)").count
        // Who may be in doubt: whose marker may be durable, and for whom no reply is.
        let trace = service.lastTrace
        let marked = trace.executed("UPDATE attempts SET marker").possible
        let answered = trace.executed("UPDATE attempts SET finished").certain
        #expect(inDoubt <= max(0, marked - answered), "\(point): in doubt although the reply was recorded")
        await server.stop()
        return isReached
    }

    /// Starts the service again, asks it to try everything now that it would try later, and waits until nothing is left to
    /// do.
    ///
    /// - Returns: the ids in doubt.
    func finish(_ service: ServiceUnderTest, _ server: SMTPServer, _ point: String) async throws -> Set<String> {
        let daemon = try await service.serve()
        let inDoubt = try await settle(service, daemon, point)
        #expect(await daemon.stop() == .exited(0), "\(point)")
        try await server.idle()
        try check(server, inDoubt, point)
        return inDoubt
    }

    /// - Returns: the ids in doubt, once everything else is sent.
    func settle(_ service: ServiceUnderTest, _ daemon: ChildProcess, _ point: String) async throws -> Set<String> {
        let states = try await service.queue("sent")
        var inDoubt: Set<String> = []
        for message in messages {
            switch states[message.id] {
            case "sent": continue
            case "in_doubt": inDoubt.insert(message.id)
            case "queued", "sending": try await sees("message_sent", message, daemon)
            case "deferred":
                #expect(try await service.run("queue", "retry", message.id).status == .exited(0), "\(point)")
                try await sees("message_sent", message, daemon)
            case let other: Issue.record("\(point): \(message.id) is \(other ?? "gone")")
            }
        }
        let end = try await service.queue("sent")
        for message in messages {
            #expect(end[message.id] == (inDoubt.contains(message.id) ? "in_doubt" : "sent"), "\(point)")
        }
        return inDoubt
    }

    /// The server's own list has exactly one accepted transaction per recipient, or at most one where it is in doubt.
    func check(_ server: SMTPServer, _ inDoubt: Set<String>, _ point: String) throws {
        var counts: [String: Int] = [:]
        for transaction in server.transactions {
            let message = try #require(messages.first { $0.subject == transaction.header("Subject") })
            #expect(transaction.recipients == message.recipients, "\(point)")
            for recipient in transaction.recipients { counts[recipient, default: 0] += 1 }
        }
        for message in messages {
            for recipient in message.recipients {
                let count = counts[recipient] ?? 0
                #expect(
                    count == 1 || (count == 0 && inDoubt.contains(message.id)),
                    "\(point): \(recipient) has \(count) of \(message.subject)")
            }
        }
        #expect(server.violations.isEmpty, "\(point)")
    }

    func sees(_ event: String, _ message: Message, _ daemon: ChildProcess) async throws {
        try await daemon.errors.line("\(event) of \(message.subject)") { line in
            line.contains("EVENT=\(event)") && line.contains("QUEUE_ID=\(message.id)")
        }
    }
}
