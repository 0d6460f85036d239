import ArgumentParser
import ConfigurationFile
import Daemon
import Diagnostics
import Operations

struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Writes down for support how Postbote is set up and how it fares.",
        discussion: """
            Versions, settings, states, last errors, folders, queue, and warnings of the journal, those in trouble first. No \
            secret and no mail is in it; mail addresses, hosts and names are, unless --anonymous is given. Run it as root: others \
            may not see all of it. When the daemon is not reachable, the report says so, has what can be had without it, and \
            the exit code is 69.
            """)

    /// Longer than the daemon gives itself.
    private static let patience = Duration.seconds(180)

    @Flag(
        name: .long,
        help: "Replace mail addresses, hosts, names and folders by placeholders, the same one everywhere.")
    var anonymous = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write the report to this new file, which only you may read; default: standard output.", valueName: "file"
        ))
    var output: String?

    @OptionGroup var daemon: DaemonOptions

    func run() async throws {
        let reader = ConfigurationReader(option: daemon.config, environment: Environment.variables)
        let (report, unreachable) = try await report(reader)
        let unit = await SystemdReport.unit()
        let journal = await SystemdReport.journal()
        let document = SupportDocument(
            report, program: Release.version, unreachable: unreachable?.lines, unit: unit, journal: journal)
        var lines = document.lines
        if anonymous {
            var pseudonyms = Pseudonyms(hiding: document.names, phrases: document.folders)
            lines = lines.map { pseudonyms.hide(in: $0) }
        }
        let text = Array((lines.joined(separator: "\n") + "\n").utf8)
        if let output {
            try NewFile.write(text, to: output)
        } else {
            try Console.write(text)
        }
        if let unreachable { throw unreachable }
    }

    /// The daemon's, or what can be told without one and why.
    private func report(_ reader: ConfigurationReader) async throws -> (SupportReport, CommandFailure?) {
        do {
            let target = Target("v1", "report")
            let reply = try await daemon.client().get(
                target, as: SupportReport.self, patience: ReportCommand.patience)
            return (reply.value, nil)
        } catch let failure as CommandFailure {
            return (await LocalReport.make(reader, clock: SystemClock()), failure)
        }
    }
}
