import TestSupport

/// What both senders submit to: Dovecot's submission service with STARTTLS and a sign-in, which relays to smtp-sink(1).
struct SubmissionPath: Sendable {
    static let user = "anna@example.test"
    static let recipient = "somebody@example.org"

    let sink: SMTPSink
    let dovecot: DovecotServer
    let authorization: AuthorizationServer

    static func start() async throws -> SubmissionPath {
        let options = AuthorizationOptions()
        let authorization = try await AuthorizationServer.start(options)
        let sink = try await SMTPSink.start()
        var dovecotOptions = DovecotOptions(users: [.init(user)])
        dovecotOptions.signer = options.signer
        dovecotOptions.relay = .init(port: sink.port)
        let dovecot = try await DovecotServer.start(dovecotOptions)
        return SubmissionPath(sink: sink, dovecot: dovecot, authorization: authorization)
    }

    func stop() async {
        await dovecot.stop()
        await sink.stop()
        await authorization.stop()
    }

    /// Returns once smtp-sink has got `count` messages. Looking now and then costs the senders less than watching would.
    func received(_ count: Int) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(300)
        while sink.begun < count {
            guard clock.now < deadline else {
                throw WrongResult("smtp-sink got \(sink.begun) of \(count) messages in 300 s")
            }
            try await clock.sleep(for: .milliseconds(10))
        }
    }

    /// Throws unless each of the messages was taken over once, whole.
    func check(_ count: Int, of name: String) async throws {
        let transactions = try await sink.transactions(atLeast: count)
        guard transactions.count == count else {
            throw WrongResult("smtp-sink has \(transactions.count) messages from \(name), not \(count)")
        }
        for transaction in transactions {
            guard transaction.recipients == [SubmissionPath.recipient], transaction.bytes.count >= 4000 else {
                throw WrongResult("a message from \(name) is not whole")
            }
        }
    }
}
