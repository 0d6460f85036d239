import ArgumentParser
import Diagnostics
import Operations

struct QueueShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Shows a message with its recipients and attempts.")

    @Argument(help: "The queue id.")
    var id: String

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await daemon.client().get(try .message(id), as: QueuedMessage.self)
        try output.print(reply) { MessageDetails($0, at: SystemClock().now).lines }
    }
}
