import ArgumentParser
import Operations

struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Forgets the consent an account is signed in with.",
        discussion: """
            Every account that is signed in with the same consent has to sign in again. The provider is not told: whoever \
            gave the consent can also remove the app there, at myapplications.microsoft.com or \
            myaccount.google.com/permissions.
            """)

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let reply = try await daemon.client().post(try Target.account(account, "revoke"), as: RevokeReport.self)
        try output.print(reply) { report in
            ["forgotten: the consent of \(report.accounts.map { Printable($0).description }.joined(separator: ", "))"]
        }
    }
}
