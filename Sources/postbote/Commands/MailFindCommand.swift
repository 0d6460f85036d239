import ArgumentParser
import Diagnostics
import Operations

struct MailFindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "find", abstract: "Finds messages by Message-ID, delivery key or time.",
        discussion: """
            Also what was listed by the server and not delivered is found, with the reason. Times are those of the \
            delivery, or of when a message was written down that was not delivered; not those of its Date field. Where \
            nothing is known by the Message-ID or key the exit code is 66.
            """)

    @Argument(help: "Only this account's.")
    var account: String?

    @Option(name: .long, help: "With this Message-ID, with or without its angle brackets.")
    var messageID: String?

    @Option(name: .long, help: "With this delivery key.")
    var key: String?

    @Option(name: .long, help: ArgumentHelp("Delivered at this moment or later.", valueName: "2026-11-21T09:30:00Z"))
    var since: String?

    @Option(name: .long, help: ArgumentHelp("Delivered before this moment.", valueName: "2026-11-22"))
    var until: String?

    @Option(name: .long, help: "Only in this folder.")
    var folder: String?

    @Option(name: .long, help: "At most so many; default: all.")
    var limit: Int?

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        let ways = [messageID != nil, key != nil, since != nil || until != nil].count { $0 }
        guard ways == 1 else { throw ValidationError("Name one of --message-id, --key, or --since and --until.") }
        guard messageID != "" else { throw ValidationError("--message-id is empty.") }
        guard limit ?? 1 > 0 else { throw ValidationError("--limit takes a number above 0.") }
        _ = try since.map { try MailFindCommand.moment($0, "--since") }
        _ = try until.map { try MailFindCommand.moment($0, "--until") }
    }

    func run() async throws {
        let client = try await daemon.client()
        var left = limit ?? .max
        var found = 0
        var after: String?
        repeat {
            let query = [
                ("account", account), ("message_id", messageID), ("key", key),
                ("since", try since.map { try MailFindCommand.moment($0, "--since").description }),
                ("until", try until.map { try MailFindCommand.moment($0, "--until").description }),
                ("folder", folder), ("after", after), ("limit", String(min(left, 1000))),
            ]
            let reply = try await client.get(Target("v1", "mail", query: query), as: MailPage.self)
            let isFirst = found == 0
            try output.print(reply) { MailListing.lines($0.messages, withTitles: isFirst) }
            found += reply.value.messages.count
            left -= reply.value.messages.count
            after = reply.value.next
        } while after != nil && left > 0
        guard found > 0 || since != nil || until != nil else {
            throw CommandFailure(
                .notFound,
                messageID.map { "no message with the Message-ID “\($0)” is known" }
                    ?? "no fetched message has the delivery key “\(key ?? "")”")
        }
    }

    private static func moment(_ text: String, _ option: String) throws -> Timestamp {
        guard let moment = Timestamp(utcSecond: text) ?? Timestamp(utcSecond: text + "T00:00:00Z") else {
            throw ValidationError("\(option) takes a moment in UTC like 2026-11-21T09:30:00Z, or a date.")
        }
        return moment
    }
}

struct MailShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows all that is known of a message, in each folder it was seen in.")

    @Argument(help: "Its delivery key.")
    var key: String

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await daemon.client().get(try .mail(key), as: MailDetails.self)
        try output.print(reply) { MailListing.details($0) }
    }
}
