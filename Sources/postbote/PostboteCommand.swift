import ArgumentParser
import Daemon

/// The program and its commands, in the order of a mailbox's life.
struct PostboteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postbote",
        abstract: "Fetches mail from mailboxes and sends mail through their servers, signing in with OAuth 2.0.",
        discussion: """
            Exit codes: 0 done; 1 what was asked for is in trouble; 64 usage; 65 message refused; 66 no such account, \
            folder or id; 69 daemon not reachable; 70 internal; 73 cannot write; 75 try later, nothing was stored; \
            77 not permitted; 78 configuration.
            """,
        version: Release.version,
        subcommands: [
            ServeCommand.self, CheckConfigCommand.self, ReloadCommand.self, StatusCommand.self, AuthorizeCommand.self,
            DoctorCommand.self, TraceCommand.self, ReportCommand.self, FetchCommand.self, FoldersCommand.self,
            ResetCommand.self,
            AuditCommand.self,
            PauseCommand.self,
            ResumeCommand.self, SendCommand.self, SendmailCommand.self, QueueCommand.self, MailCommand.self,
            QuarantineCommand.self, ExplainCommand.self, TokenCommand.self, RevokeCommand.self, ImportCommand.self,
            AccountCommand.self, KeyCommand.self,
        ])
}
