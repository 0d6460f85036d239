import ArgumentParser
import MailModel

struct QueueListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists messages that are open or have failed.")

    @Option(name: .long, help: "Only this account's.")
    var account: String?

    @Option(
        name: .long, help: "Only those in this state: \(QueueState.allCases.map(\.rawValue).joined(separator: " ")).")
    var state: String?

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await QueueListing(account: account, state: state).print(asJSON: output.json, socket: daemon.socket)
    }
}
