import ArgumentParser
import MailModel
import Operations

/// Which messages are meant: ids, or those of an account, or all.
struct QueueSelectionOptions: ParsableArguments {
    @Argument(help: "Queue ids.")
    var ids: [String] = []

    @Option(name: .long, help: "All of this account whose state allows it.")
    var account: String?

    @Flag(name: .long, help: "All whose state allows it.")
    var all = false

    @OptionGroup var daemon: DaemonOptions

    func validate() throws {
        let ways = (ids.isEmpty ? 0 : 1) + (account == nil ? 0 : 1) + (all ? 1 : 0)
        guard ways == 1 else { throw ValidationError("Name queue ids, or --account ACCOUNT, or --all.") }
    }

    /// Gives the order; of several ids the others are still tried when one fails.
    func give(_ order: QueueOrder) async throws {
        let client = try await daemon.client()
        guard !ids.isEmpty else {
            let query = [("account", account), ("all", all ? "true" : nil)]
            let target = Target("v1", "messages", order.rawValue, query: query)
            let report = try await client.post(target, as: QueueOrderReport.self).value
            return try Console.write("\(report.changed) changed")
        }
        var failures: [CommandFailure] = []
        for id in ids {
            do {
                _ = try await client.post(try .message(id, order.rawValue), as: QueueOrderReport.self)
            } catch let failure as CommandFailure {
                failures.append(failure)
            }
        }
        guard let first = failures.first else { return }
        throw CommandFailure(first.code, lines: failures.flatMap(\.lines))
    }
}

struct QueueRetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Tries messages at once.",
        discussion: """
            By id also what is held, has failed or is in doubt, which may send it twice. With --account and --all only \
            what waits for its time.
            """)
    @OptionGroup var selection: QueueSelectionOptions
    func run() async throws { try await selection.give(.retry) }
}

struct QueueHoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keeps messages where they are until they are released.")
    @OptionGroup var selection: QueueSelectionOptions
    func run() async throws { try await selection.give(.hold) }
}

struct QueueReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "release", abstract: "Goes on with held messages.")
    @OptionGroup var selection: QueueSelectionOptions
    func run() async throws { try await selection.give(.release) }
}

struct QueueCancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Gives messages up; what was sent stays sent.")
    @OptionGroup var selection: QueueSelectionOptions
    func run() async throws { try await selection.give(.cancel) }
}
