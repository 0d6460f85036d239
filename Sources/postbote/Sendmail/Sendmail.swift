import MailModel
import Operations

/// The program as sendmail.
enum Sendmail {
    static func run(_ words: [String]) async throws {
        let arguments = try SendmailArguments(words)
        switch arguments.mode {
        case .deliver: try await deliver(arguments)
        case .listQueue: try await QueueListing(account: nil, state: nil).print(asJSON: false, socket: socket())
        case .runQueue: try await runQueue()
        }
    }

    private static func deliver(_ arguments: SendmailArguments) async throws {
        guard arguments.recipientsFromHeader || !arguments.recipients.isEmpty else {
            throw CommandFailure(.usage, "sendmail: name recipients, or use -t to take them from the message")
        }
        var sending = Sending(recipients: try arguments.recipients.map(address))
        sending.sender = arguments.sender
        sending.recipientsFromHeader = arguments.recipientsFromHeader
        sending.addsMissingFrom = true
        sending.fullName = arguments.fullName
        let message = try MessageFile(input: 0, upToLoneDot: !arguments.ignoresLoneDot)
        _ = try await sending.send(message, through: socket())
    }

    private static func runQueue() async throws {
        let client = ControlClient(socket: try await socket().open())
        let target = Target("v1", "messages", "retry", query: [("all", "true")])
        _ = try await client.post(target, as: QueueOrderReport.self)
    }

    /// The address itself of an argument like `Anna <anna@contoso.de>`.
    private static func address(_ argument: String) throws -> String {
        let list = AddressList(Array(argument.utf8))
        // A line end in an address is never meant: somebody has put more into it than an address.
        let isOneLine = argument.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
        guard isOneLine, list.entries.count == 1, list.unreadable.isEmpty else {
            throw CommandFailure(.refused, "sendmail: \(argument) is not an address with a domain")
        }
        return list.entries[0].address.description
    }

    private static func socket() -> DaemonSocket { DaemonSocket(option: nil, environment: Environment.variables) }
}
