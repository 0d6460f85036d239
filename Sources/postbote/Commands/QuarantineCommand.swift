import ArgumentParser
import Operations

struct QuarantineCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quarantine", abstract: "Mail that the server lists and does not give, whatever was tried.",
        subcommands: [
            QuarantineListCommand.self, QuarantineShowCommand.self, QuarantineRetryCommand.self,
            QuarantineDeliverCommand.self, QuarantineDropCommand.self,
        ],
        defaultSubcommand: QuarantineListCommand.self)
}

struct QuarantineListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "Lists it, oldest first.")

    @Option(name: .long, help: "Only this account's.")
    var account: String?

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try await daemon.client()
        var isFirst = true
        var after: String?
        repeat {
            let query = [("account", account), ("after", after), ("limit", "1000")]
            let reply = try await client.get(Target("v1", "quarantine", query: query), as: QuarantinePage.self)
            try output.print(reply) { page in
                guard !page.messages.isEmpty else { return [] }
                let lines = QuarantineListCommand.table(page.messages).lines
                return isFirst ? lines : Array(lines.dropFirst())
            }
            isFirst = false
            after = reply.value.next
        } while after != nil
    }

    private static func table(_ messages: [QuarantinedMessage]) -> Table {
        var table = Table([
            Table.Column("ID"), Table.Column("ACCOUNT"), Table.Column("FOLDER"), Table.Column("UID", .right),
            Table.Column("ATTEMPTS", .right), Table.Column("REASON"),
        ])
        for message in messages {
            table.append([
                message.id, message.account, message.folder, String(message.uid), String(message.attempts),
                message.reason,
            ])
        }
        return table
    }
}

struct QuarantineShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows one of them, and where the bytes lie that the server gave in its place."
    )

    @Argument(help: "Its id.")
    var id: String

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await daemon.client().get(try .quarantined(id), as: QuarantinedMessage.self)
        try output.print(reply) { message in
            [
                ("id", message.id), ("account", message.account), ("folder", message.folder),
                ("uid", String(message.uid)), ("attempts", String(message.attempts)), ("reason", message.reason),
                ("file", message.file ?? "none: the server gave no bytes"),
            ].map { name, value in
                name + String(repeating: " ", count: 10 - name.count) + Printable(value).description
            }
        }
    }
}

/// The ids that an order is about; of several the others are still tried when one fails.
struct QuarantineSelectionOptions: ParsableArguments {
    @Argument(help: "Ids, as `postbote quarantine list` shows them.")
    var ids: [String]

    @OptionGroup var daemon: DaemonOptions

    func give(_ order: QuarantineOrder) async throws {
        let client = try await daemon.client()
        var failures: [CommandFailure] = []
        for id in ids {
            do {
                _ = try await client.post(try .quarantined(id, order.rawValue), as: QueueOrderReport.self)
            } catch let failure as CommandFailure {
                failures.append(failure)
            }
        }
        guard let first = failures.first else { return }
        throw CommandFailure(first.code, lines: failures.flatMap(\.lines))
    }
}

struct QuarantineRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "retry", abstract: "Asks the server again, at once.")
    @OptionGroup var selection: QuarantineSelectionOptions
    func run() async throws { try await selection.give(.retry) }
}

struct QuarantineDeliverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deliver", abstract: "Delivers what the server gave in the message's place.")
    @OptionGroup var selection: QuarantineSelectionOptions
    func run() async throws { try await selection.give(.deliver) }
}

struct QuarantineDropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Gives the message up; on the server it stays.")
    @OptionGroup var selection: QuarantineSelectionOptions
    func run() async throws { try await selection.give(.drop) }
}
