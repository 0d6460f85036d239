import ArgumentParser
import Operations

struct FetchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "fetch", abstract: "Fetches an account's mail now.")

    /// A first fetch of a large mailbox takes its time.
    private static let patience = Duration.seconds(24 * 3600)

    @Argument(help: "The account.")
    var account: String

    @Flag(name: .long, help: "Wait until all folders have been looked through; exit code 1 if that failed.")
    var wait = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try Target.account(account, "fetch", query: [("wait", wait ? "true" : nil)])
        let reply = try await daemon.client().post(target, as: FetchReport.self, patience: FetchCommand.patience)
        try output.print(reply) { report in
            guard report.finished else { return ["fetching"] }
            return ["\(report.delivered) delivered, \(Wording.size(report.octets))"]
        }
        guard reply.value.errors.isEmpty else {
            throw CommandFailure(.trouble, lines: reply.value.errors.map { "\($0.operation): \($0.reason)" })
        }
    }
}
