import ArgumentParser
import Operations

struct AccountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Accounts as such.", subcommands: [AccountForgetCommand.self])
}

struct AccountForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget", abstract: "Removes the state of an account that is not in the configuration any more.",
        discussion: """
            What is known of its fetched mail, its queue, its quarantine, and its consent where no other account uses \
            that. Delivered mail stays where it is. Should the account come back, all its mail is fetched again.
            """)

    /// A mailbox of half a million messages is removed piece by piece.
    private static let patience = Duration.seconds(3600)

    @Argument(help: "The account's name.")
    var account: String

    @Flag(name: .long, help: "Also when messages wait in its queue: they are removed unsent.")
    var force = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try Target.account(account, "forget", query: [("force", force ? "true" : nil)])
        let reply = try await daemon.client().post(
            target, as: ForgetReport.self, patience: AccountForgetCommand.patience)
        try output.print(reply) { report in
            [
                "forgotten: \(report.folders) folders with \(report.messages) messages, \(report.queued) messages of the "
                    + "queue, \(report.credentials) consents"
            ]
        }
    }
}
