import Diagnostics
import MailModel
import MailProtocol
import Transport

/// The way from an open connection to a mailbox: the shell of `IMAPSignIn`.
struct IMAPSigningIn {
    private let connection: Connection
    private let timeouts: SessionTimeouts
    private let deadline: SignInDeadline

    init(_ connection: Connection, _ timeouts: SessionTimeouts) {
        self.connection = connection
        self.timeouts = timeouts
        deadline = SignInDeadline(after: timeouts.signIn)
    }

    func run(_ credential: SASLCredential) async throws -> IMAPMailbox {
        let preamble = await connection.takePreamble()
        let greeting = try IMAPGreeting(lines: preamble.greeting + preamble.capabilities)
        let endpoint = connection.request.endpoint
        // Without TLS the transport connects to loopback only.
        var signIn = IMAPSignIn(
            credential, greeting: greeting, host: endpoint.host, port: endpoint.port, isProtected: true)
        var parser = IMAPResponseParser(start: .fragment)
        var actions = signIn.start()
        while true {
            if let capabilities = try await perform(actions) {
                return IMAPMailbox(
                    connection, parser: parser, nextTag: signIn.nextTag, capabilities: capabilities,
                    server: IMAPServerKind(greeting: greeting.reply.text, capabilities: capabilities),
                    timeouts: timeouts)
            }
            actions = []
            while actions.isEmpty {
                if let event = try parser.next() {
                    connection.hear(event)
                    actions = signIn.receive(event)
                    continue
                }
                try deadline.check()
                parser.feed(try await connection.read(timeout: timeouts.reply, during: IMAPSigningIn.operation))
            }
        }
    }

    /// - Returns: the capabilities once signed in.
    private func perform(_ actions: [IMAPSignIn.Action]) async throws -> IMAPCapabilities? {
        for action in actions {
            switch action {
            case .send(let line):
                try await connection.send([line], timeout: timeouts.write, during: IMAPSigningIn.operation)
            case .signedIn(let capabilities): return capabilities
            case .failed(let failure): throw failure
            }
        }
        return nil
    }

    private static let operation = IMAPOperation.signIn.rawValue
}
