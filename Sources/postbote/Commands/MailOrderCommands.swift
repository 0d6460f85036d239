import ArgumentParser
import Operations

/// The messages that an order is about; of several the others are still tried when one fails.
struct MailSelectionOptions: ParsableArguments {
    /// A turn of a large mailbox takes its time.
    private static let patience = Duration.seconds(24 * 3600)

    @Argument(help: "Delivery keys.")
    var keys: [String]

    @Option(name: .long, help: "Only the copy in this folder; default: all copies.")
    var folder: String?

    @Flag(name: .long, help: "Wait until it is done; exit code 1 if it cannot be done, or not yet.")
    var wait = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func give(_ order: String, _ query: [(String, String?)] = []) async throws {
        let client = try await daemon.client()
        var failures: [CommandFailure] = []
        for key in keys {
            do {
                let target = try Target.mail(
                    key, order, query: query + [("folder", folder), ("wait", wait ? "true" : nil)])
                let patience = wait ? MailSelectionOptions.patience : ControlClient.patience
                let reply = try await client.post(target, as: MailOrderReport.self, patience: patience)
                try output.print(reply) { report in report.copies.map { line($0, of: report) } }
                let open = reply.value.copies.filter { ["gone", "pending", "failed"].contains($0.outcome) }
                if !open.isEmpty { failures.append(CommandFailure(.trouble, lines: open.map { why($0, key) })) }
            } catch let failure as CommandFailure {
                failures.append(failure)
            }
        }
        guard let first = failures.first else { return }
        throw CommandFailure(first.code, lines: failures.flatMap(\.lines))
    }

    private func line(_ copy: MailOrderReport.Copy, of report: MailOrderReport) -> String {
        Printable("\(report.deliveryKey) \(copy.account) \(copy.folder): \(report.order) \(copy.outcome)").description
    }

    private func why(_ copy: MailOrderReport.Copy, _ key: String) -> String {
        switch copy.outcome {
        case "gone": "\(copy.folder): the server has message \(key) no more"
        case "failed": "\(copy.folder): the server did not give message \(key), however often it was asked"
        default:
            "\(copy.folder): " + (copy.problem.map { "\($0.operation): \($0.reason)" } ?? "not done yet, it goes on")
        }
    }
}

struct MailRedeliverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redeliver",
        abstract: "Fetches messages once more and delivers them again, under the same keys.",
        discussion: "The file gets a name of its own, also where the first one is still there.")

    @Option(name: .long, help: "Only to this one of the folder's destinations.")
    var destination: String?

    @OptionGroup var selection: MailSelectionOptions

    func run() async throws { try await selection.give("redeliver", [("destination", destination)]) }
}

struct MailSeenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seen", abstract: "Marks the server's copies as read.")
    @OptionGroup var selection: MailSelectionOptions
    func run() async throws { try await selection.give("seen") }
}

struct MailMoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "move", abstract: "Moves the server's copies into another folder.")

    @Option(name: .long, help: "A role (archive, trash …) or the name of a folder.")
    var to: String

    @OptionGroup var selection: MailSelectionOptions

    func run() async throws { try await selection.give("move", [("to", to)]) }
}

struct MailDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Deletes the server's copies for good; what was delivered stays.")
    @OptionGroup var selection: MailSelectionOptions
    func run() async throws { try await selection.give("delete") }
}
