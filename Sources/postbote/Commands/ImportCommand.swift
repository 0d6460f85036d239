import ArgumentParser
import Operations

struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Learns what is already there.", subcommands: [ImportMaildirCommand.self])
}

struct ImportMaildirCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maildir", abstract: "Learns from a Maildir what was delivered before.",
        discussion: """
            When the state is lost, or another program fetched the mail before: the account's next visit recognises what \
            lies in the Maildir and fetches only the rest. Run it before the account has signed in, or with \
            `enabled: false`. Nothing in the Maildir is changed, and doing it again changes nothing.
            """)

    /// Every file is read.
    private static let patience = Duration.seconds(24 * 3600)

    @Option(name: .long, help: "The account whose mail it is.")
    var account: String

    @Option(
        name: .long,
        help: "The folder whose mail is in PATH itself; without it INBOX, and subfolders as Maildir++ names them.")
    var folder: String?

    @Flag(name: .long, help: "Change nothing; say what would be learned.")
    var dryRun = false

    @Argument(help: "The Maildir, on the daemon's machine: the directory that holds cur and new.")
    var path: String

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let query = [
            ("path", AbsolutePath.of(path)), ("folder", folder), ("dry_run", dryRun ? "true" : nil),
        ]
        let target = try Target.account(account, "import", query: query)
        let reply = try await daemon.client().post(
            target, as: ImportReport.self, patience: ImportMaildirCommand.patience)
        try output.print(reply) { report in
            var table = Table([
                Table.Column("FOLDER"), Table.Column("FILES", .right), Table.Column("LEARNED", .right),
                Table.Column("KNOWN", .right), Table.Column("UNREADABLE", .right),
            ])
            for folder in report.folders {
                table.append([
                    folder.name, String(folder.files), String(folder.learned), String(folder.known),
                    String(folder.unreadable),
                ])
            }
            return table.lines
        }
        let report = reply.value
        guard report.unreadable > 0 else { return }
        let rest = report.unreadable - report.errors.count
        throw CommandFailure(
            .trouble, lines: report.errors.map(\.reason) + (rest > 0 ? ["and \(rest) more could not be read"] : []))
    }
}
