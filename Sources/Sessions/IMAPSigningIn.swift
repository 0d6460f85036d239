import Diagnostics
import MailModel
import MailProtocol
import Transport

/// The way from an open connection to a mailbox: the shell of `IMAPSignIn`.
struct IMAPSigningIn {
    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    func run(_ credential: SASLCredential) async throws -> IMAPMailbox {
        let preamble = await connection.preamble
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
                    server: IMAPServerKind(greeting: greeting.reply.text, capabilities: capabilities))
            }
            actions = []
            while actions.isEmpty {
                if let event = try parser.next() {
                    actions = signIn.receive(event)
                    continue
                }
                let chunk = try await connection.read(timeout: Limits.reply)
                guard !chunk.isEmpty else { throw IMAPSigningIn.lost }
                parser.feed(chunk)
            }
        }
    }

    /// - Returns: the capabilities once signed in.
    private func perform(_ actions: [IMAPSignIn.Action]) async throws -> IMAPCapabilities? {
        for action in actions {
            switch action {
            case .send(let line): try await connection.write(line.withBytes { $0 }, timeout: Limits.write)
            case .signedIn(let capabilities): return capabilities
            case .failed(let failure): throw failure
            }
        }
        return nil
    }

    private static let lost = Failure(
        .direction, .later(after: nil), operation: "sign in",
        reason: "The server closed the connection during the sign-in. It will be tried again.")
}
