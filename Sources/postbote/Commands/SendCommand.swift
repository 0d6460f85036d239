import ArgumentParser
import Diagnostics
import Operations

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Queues a message.",
        discussion: """
            Reads an RFC 5322 message from FILE or standard input and prints its queue id once it is stored durably. \
            Without --to the recipients are those of To, Cc and Bcc. The same --key with the same message prints the \
            same id; with another one it is refused (65). A daemon that is being restarted is waited for, 60 seconds or \
            as many as POSTBOTE_WAIT says; then the exit code is 75.
            """)

    @Option(name: .long, help: "The account that sends; default: the one that may use the sender's address.")
    var account: String?

    @Option(name: .long, help: "The envelope's sender; default: the address of From.")
    var from: String?

    @Option(name: .long, help: "A recipient of the envelope; may be given several times.")
    var to: [String] = []

    @Option(name: .long, help: ArgumentHelp("Not before this moment.", valueName: "2026-11-21T09:30:00Z"))
    var at: String?

    @Option(name: .long, help: "From -9 to 9; higher goes first.")
    var priority: Int?

    @Option(name: .long, help: "Makes a repeat safe: the same key is the same message.")
    var key: String?

    @Argument(help: "The message; default: standard input.")
    var file: String?

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        _ = try at.map(SendCommand.moment)
        guard let key else { return }
        // As a header field carries it (RFC 9110 §5.5).
        let isPlain = key.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        guard isPlain, (1...255).contains(key.utf8.count) else {
            throw ValidationError("--key takes 1 to 255 visible ASCII characters without blanks.")
        }
    }

    func run() async throws {
        var sending = Sending(recipients: to)
        sending.account = account
        sending.sender = from
        sending.recipientsFromHeader = to.isEmpty
        sending.priority = priority
        sending.key = key
        sending.at = try at.map(SendCommand.moment)
        let reply = try await sending.send(try MessageFile.open(file), through: daemon.socket)
        try output.print(reply) { [$0.id] }
    }

    private static func moment(_ text: String) throws -> Timestamp {
        guard let moment = Timestamp(utcSecond: text) else {
            throw ValidationError("--at takes a moment in UTC like 2026-11-21T09:30:00Z.")
        }
        return moment
    }
}
