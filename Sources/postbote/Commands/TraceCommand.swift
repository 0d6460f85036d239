import ArgumentParser
import Operations

struct TraceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Shows what Postbote and an account's servers say to each other, as it is said.",
        discussion: """
            A line has the time in UTC, the service and the number of the connection, and what was said: C: by Postbote, S: by \
            the server; * is what became of the connection. Tokens, passwords and everything that belongs to a message \
            are left out. Nothing is done for the trace: run `postbote fetch ACCOUNT` or `postbote doctor ACCOUNT` meanwhile. It ends after \
            its time, or with Ctrl-C. The journal says who traced.
            """)

    @Argument(help: "The account.")
    var account: String

    @Option(name: .customLong("for"), help: ArgumentHelp("How long, up to an hour.", valueName: "duration"))
    var duration = "5m"

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    private var seconds: Int? {
        WrittenDuration(duration).map(\.seconds).flatMap { Limits.traceDurations.contains($0) ? $0 : nil }
    }

    func validate() throws {
        guard seconds != nil else {
            throw ValidationError("--for takes a duration from 1s to 60m, like 5m.")
        }
    }

    func run() async throws {
        let seconds = seconds ?? Limits.traceDurationUsual
        let target = try Target.account(account, "trace", query: [("for", "\(seconds)")])
        let json = output.json
        // Longer than the daemon takes.
        try await daemon.client().stream(target, of: TraceEntry.self, patience: .seconds(seconds + 60)) { reply in
            if json {
                try Console.write(reply.bytes + [UInt8(ascii: "\n")])
            } else {
                try Console.write(TraceListing(reply.value).line)
            }
        }
    }
}
