import ArgumentParser

struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Shows and orders the outbound queue.",
        subcommands: [
            QueueListCommand.self, QueueShowCommand.self, QueueRetryCommand.self, QueueHoldCommand.self,
            QueueReleaseCommand.self, QueueCancelCommand.self,
        ],
        defaultSubcommand: QueueListCommand.self)
}
