import ArgumentParser
import Operations

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Holds the mailbox against the ledger: every message accounted for.",
        discussion: """
            Every message on the server is counted by what became of it. What nobody can account for is named, and \
            fetched or recognised at once. The daemon does the same every night. Exit code 1 when anything was \
            unaccounted for, also when it is cured now.
            """)

    /// A large mailbox is looked through header by header.
    private static let patience = Duration.seconds(24 * 3600)

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try Target.account(account, "audit")
        let reply = try await daemon.client().post(target, as: AuditReport.self, patience: AuditCommand.patience)
        try output.print(reply) { AuditListing($0).lines }
        let report = reply.value
        var complaints = ([report.problem] + report.folders.map(\.problem)).compactMap(\.self).map { problem in
            "\(problem.place["folder"].map { "\($0): " } ?? "")\(problem.operation): \(problem.reason)"
        }
        if report.unaccounted > 0 {
            complaints.append(
                report.remaining == 0
                    ? "\(report.unaccounted) messages were not accounted for; all of them are now"
                    : "\(report.unaccounted) messages were not accounted for; \(report.remaining) still are not")
        }
        guard complaints.isEmpty else { throw CommandFailure(.trouble, lines: complaints) }
    }
}
