import ArgumentParser

struct MailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mail", abstract: "Fetched mail: was it fetched, where did it go, act on the server's copy.",
        discussion: """
            Each fetched message has a delivery key: 32 hexadecimal digits in the name of its Maildir file, behind the K. It \
            stays the same when the mailbox moves and when the message is delivered again.
            """,
        subcommands: [
            MailFindCommand.self, MailShowCommand.self, MailRedeliverCommand.self, MailSeenCommand.self,
            MailMoveCommand.self, MailDeleteCommand.self,
        ])
}
