import Diagnostics
import Operations

/// Hands a message to the daemon, also to one that is just being restarted.
struct Sending {
    /// How long a restarting daemon is waited for, unless `POSTBOTE_WAIT` says otherwise.
    static let patience = 60

    var account: String?
    var sender: String?
    var recipients: [String]
    var recipientsFromHeader = false
    var addsMissingFrom = false
    var fullName: String?
    var at: Timestamp?
    var priority: Int?
    var key: String?

    init(recipients: [String]) { self.recipients = recipients }

    /// The daemon's answer once it has stored the message durably.
    ///
    /// - Throws: `CommandFailure` 75 when no daemon could be asked: then nothing is stored, or, where one was asked and did
    ///   not answer, the message may be, and the failure says how to repeat it safely.
    func send(
        _ message: MessageFile, through socket: DaemonSocket
    ) async throws -> ControlClient.Reply<SubmissionReceipt> {
        // A key of our own makes it safe to ask again after an answer that was lost: it is the same message then.
        let key = key ?? Sending.randomKey()
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(Sending.configuredPatience)
        var pause = Duration.milliseconds(50)
        var wasAsked = false
        while true {
            do {
                let remaining = max(.zero, deadline - clock.now)
                let client = ControlClient(socket: try await socket.open(patience: remaining))
                return try await client.post(target, .message(message), as: SubmissionReceipt.self, key: key)
            } catch let failure as CommandFailure where failure.code == .unreachable {
                // One that stops says so, and has stored nothing.
                wasAsked = wasAsked || failure.isLostAnswer
                guard clock.now + pause < deadline else { throw Sending.tryLater(failure, wasAsked ? key : nil) }
                try await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(1))
                message.rewind()
            }
        }
    }

    /// - Parameter key: under which the message may be stored already.
    private static func tryLater(_ failure: CommandFailure, _ key: String?) -> CommandFailure {
        let reason = failure.lines.first ?? "the daemon is not reachable"
        guard let key else { return CommandFailure(.tryLater, "\(reason); nothing was stored, try again later") }
        return CommandFailure(
            .tryLater,
            "\(reason); the message may be stored all the same: repeat it with `postbote send --key \(key)`, which never "
                + "stores it twice")
    }

    private var target: Target {
        let query: [(String, String?)] =
            [
                ("account", account), ("from", sender),
                ("recipients_from_header", recipientsFromHeader ? "true" : nil),
                ("add_from", addsMissingFrom ? "true" : nil), ("full_name", fullName), ("at", at?.description),
                ("priority", priority.map(String.init)),
            ] + recipients.map { ("to", $0) }
        return Target("v1", "messages", query: query)
    }

    private static var configuredPatience: Int {
        Environment.variables["POSTBOTE_WAIT"].flatMap { Int($0) }.map { max(0, $0) } ?? patience
    }

    private static func randomKey() -> String {
        var generator = SystemRandomNumberGenerator()
        return "once-" + String(generator.next(), radix: 36) + String(generator.next(), radix: 36)
    }
}
