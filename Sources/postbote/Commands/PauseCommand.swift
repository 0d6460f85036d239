import ArgumentParser
import Diagnostics
import Operations

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Stops fetching and sending of an account until it is resumed.",
        discussion: """
            What is being transferred is finished. Mail to be sent is accepted and waits, and does not age meanwhile; what \
            waits for longer than parked_max is held. A restart does not end the pause.
            """)

    @Argument(help: "The account.")
    var account: String

    @Option(name: .long, help: ArgumentHelp("Resumed by itself then.", valueName: "2026-11-21T09:30:00Z"))
    var until: String?

    @Flag(name: .long, help: "Only the fetching of old mail; new mail is fetched and sent as always.")
    var backfill = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard until.map({ Timestamp(utcSecond: $0) != nil }) ?? true else {
            throw ValidationError("--until takes a moment in UTC like 2026-11-21T09:30:00Z.")
        }
    }

    func run() async throws {
        let target = try Target.account(
            account, "pause", query: [("until", until), ("backfill", backfill ? "true" : nil)])
        let reply = try await daemon.client().post(target, as: AccountStatus.self)
        let what = backfill ? "old mail of \(account) is" : "\(account) is"
        try output.print(reply) { _ in ["\(what) paused" + (until.map { " until \($0)" } ?? "")] }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Ends the pause of an account.")

    @Argument(help: "The account.")
    var account: String

    @Flag(name: .long, help: "Only the fetching of old mail.")
    var backfill = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try Target.account(account, "resume", query: [("backfill", backfill ? "true" : nil)])
        let reply = try await daemon.client().post(target, as: AccountStatus.self)
        try output.print(reply) { _ in ["\(account) is resumed"] }
    }
}
