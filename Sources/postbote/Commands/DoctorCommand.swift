import ArgumentParser
import MailModel
import Operations

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Tries everything that an account needs, step by step.",
        discussion: """
            Each step is ok, warning, failed or skipped; below those that are not ok stand the cause and what to do next. \
            The daemon works with connections of its own: what is being fetched or sent goes on. Nothing is sent, unless \
            --send-to is given. Parked directions are tried again when nothing failed. Exit code 1 when a step failed.
            """)

    /// Longer than the daemon gives itself.
    private static let patience = Duration.seconds(360)

    @Argument(help: "The account.")
    var account: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Send a test mail there; one to the account's own address is looked for in INBOX, too, and in Sent.",
            valueName: "address"))
    var sendTo: String?

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let sendTo else { return }
        guard let address = MailAddress(sendTo) else {
            throw ValidationError("--send-to takes one mail address, and “\(sendTo)” is none.")
        }
        if let defect = address.defect { throw ValidationError("The address of --send-to \(defect).") }
    }

    func run() async throws {
        let target = try Target.account(account, "doctor", query: [("send_to", sendTo)])
        let reply = try await daemon.client().post(target, as: DoctorReport.self, patience: DoctorCommand.patience)
        try output.print(reply) { DoctorListing($0).lines }
        let failed = reply.value.count(.failed)
        guard failed > 0 else { return }
        throw CommandFailure(.trouble, "\(failed) of \(reply.value.steps.count) steps failed")
    }
}
