import ArgumentParser
import Operations

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "The master key, with which tokens are sealed in the state.",
        subcommands: [KeyRotateCommand.self, KeyExportCommand.self])
}

struct KeyRotateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate", abstract: "Seals everything with a new master key.",
        discussion: """
            The service goes on meanwhile, and nobody has to sign in again. What is interrupted is finished at the next start. \
            Backups of the state from before need the former key: keep it with them. For root and the service's own user.
            """)

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await daemon.client().post(Target("v1", "key", "rotate"), as: KeyRotationReport.self)
        try output.print(reply) { report in
            var lines = ["Everything is sealed with a new master key, which lies in \(Printable(report.file))."]
            if report.awaitsCredential {
                lines += [
                    "systemd gives the service the former one. Store the new one as its credential, and restart:",
                    "  systemd-creds encrypt --name=postbote-key \(Printable(report.file)) /etc/postbote/postbote-key.cred",
                    "  systemctl restart postbote",
                    "(where the unit names another file behind LoadCredentialEncrypted=, that one.) The file goes away then.",
                ]
            }
            if report.unreadable > 0 {
                lines.append(
                    "\(report.unreadable) stored tokens could not be read before either: `postbote status --problems` names the "
                        + "accounts, which have to be authorized again.")
            }
            return lines
        }
    }
}

struct KeyExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Prints the master key, for a backup.",
        discussion: """
            64 hexadecimal digits, which are what STATE/postbote.key or the credential postbote-key holds. Whoever has them \
            and the state has all mailboxes: keep them apart from the state's backups. For root and the service's own user.
            """)

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await daemon.client().get(Target("v1", "key"), as: MasterKeyReply.self)
        try output.print(reply) { [$0.key.reveal()] }
    }
}
