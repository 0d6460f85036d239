import ArgumentParser
import Operations

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Has the daemon read its configuration again.",
        discussion: """
            Waits until it is in force. A configuration with errors changes nothing: they are printed (exit code 78).
            """)

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await daemon.client().post(Target("v1", "reload"), as: ReloadReport.self)
        let report = reply.value
        Console.complain(report.warnings)
        Console.complain(
            report.restartNeeded.map { "`\($0)` takes effect at the next start: systemctl restart postbote" })
        try output.print(reply) { report in
            let parts = [("added", report.added), ("changed", report.changed), ("removed", report.removed)]
            let changes = parts.filter { !$0.1.isEmpty }.map { "\($0.0): \($0.1.joined(separator: ", "))" }
            return [changes.isEmpty ? "no account changed" : changes.joined(separator: "; ")]
        }
    }
}
