import ArgumentParser
import Operations

struct ResetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reset", abstract: "Forgets what UIDs mean and recognises known mail anew.",
        discussion: """
            Nothing that was delivered is delivered again: the ledger is kept, and known mail is looked for by its \
            headers. Useful after a mailbox was restored from a backup, or to see with --dry-run what a move would cost.
            """)

    /// A large mailbox is looked through header by header.
    private static let patience = Duration.seconds(24 * 3600)

    @Argument(help: "The account.")
    var account: String

    @Argument(help: "Only this watched folder.")
    var folder: String?

    @Flag(name: .long, help: "Change nothing; say how many messages would be known, new and doubtful.")
    var dryRun = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try Target.account(
            account, "reset", query: [("folder", folder), ("dry_run", dryRun ? "true" : nil)])
        let reply = try await daemon.client().post(target, as: ResetReport.self, patience: ResetCommand.patience)
        try output.print(reply) { report in
            guard report.dryRun else { return report.folders.map { Printable("\($0.name): reset").description } }
            var table = Table([
                Table.Column("FOLDER"), Table.Column("KNOWN", .right), Table.Column("NEW", .right),
                Table.Column("DOUBTFUL", .right),
            ])
            for folder in report.folders {
                table.append([folder.name, count(folder.known), count(folder.new), count(folder.doubtful)])
            }
            return table.lines
        }
    }

    private func count(_ number: Int?) -> String? { number.map { String($0) } }
}
