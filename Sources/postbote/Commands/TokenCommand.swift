import ArgumentParser
import Operations

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Prints a valid access token of an account.",
        discussion: """
            For root, and for those whom `access: token:` names. When --refresh brings no new one it says why, and \
            the present one stays as good as it was. Of an account with two sign-ins it is receiving's, unless --direction \
            says which.
            """)

    @Argument(help: "The account.")
    var account: String

    @Flag(name: .long, help: "Get a new one, even if the present one still lives.")
    var refresh = false

    @OptionGroup var which: DirectionOption
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let target = try Target.account(
            account, "token", query: [("direction", which.direction?.rawValue), ("refresh", refresh ? "true" : nil)])
        let reply = try await daemon.client().get(target, as: AccessTokenReply.self)
        try output.print(reply) { [$0.token.reveal()] }
    }
}
