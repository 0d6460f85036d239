import ArgumentParser
import Operations

struct RevokeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Forgets the consent an account is signed in with.",
        discussion: """
            Every account that is signed in with the same consent has to sign in again. The provider is told, too, where it \
            takes consents back (Google, and others with a revocation endpoint); of the others, Microsoft's among them, it is \
            said how whoever gave the consent takes it back there.
            """)

    @Argument(help: "The account.")
    var account: String

    @OptionGroup var which: DirectionOption
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try Target.account(account, "revoke", query: [("direction", which.direction?.rawValue)])
        let reply = try await daemon.client().post(target, as: RevokeReport.self)
        try output.print(reply) { report in
            let accounts = report.accounts.map { Printable($0).description }.joined(separator: ", ")
            return ["forgotten: the consent of \(accounts)"] + RevokeCommand.atProvider(report)
        }
    }

    private static func atProvider(_ report: RevokeReport) -> [String] {
        let words =
            switch report.atProvider {
            case .revoked: "the provider has taken it back, too"
            case .wasOver: "the provider did not know it any more"
            case .nothing: "there was nothing to take back at the provider"
            case .notPossible: "the provider was not told: it has no way to take a consent back"
            case .failed: "the provider has not taken it back: \(report.problem?.reason ?? "it did not say why")"
            }
        return [words] + (report.whatToDo.map { [$0] } ?? []).map { Printable($0).description }
    }
}
