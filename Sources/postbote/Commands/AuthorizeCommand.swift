import ArgumentParser
import Operations

struct AuthorizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorize", abstract: "Signs an account in.",
        discussion: """
            --device prints a page and a code for the mailbox owner and waits until they have signed in. --import takes \
            a refresh token that was obtained elsewhere from a file, or from standard input with `-`.
            """)

    @Argument(help: "The account.")
    var account: String

    @Flag(name: .long, help: "Sign in with a code on another device.")
    var device = false

    @Option(name: .customLong("import"), help: ArgumentHelp("Take a refresh token from a file.", valueName: "file"))
    var importFile: String?

    @OptionGroup var daemon: DaemonOptions

    func validate() throws {
        guard device != (importFile != nil) else { throw ValidationError("Either --device or --import FILE.") }
    }

    func run() async throws {
        let body = try importFile.map { Begin(method: "import", refreshToken: try SecretFile.read($0)) }
        let target = try Target.account(account, "authorize")
        let client = try await daemon.client()
        let bytes = try JSON.encode(body ?? Begin(method: "device"))
        var progress = try await client.post(target, .json(bytes), as: AuthorizationProgress.self).value
        if progress.state == .waiting { try show(progress.instructions) }
        while progress.state == .waiting {
            let question = try Target.account(account, "authorize", progress.id, query: [("wait", "30")])
            progress = try await client.get(question, as: AuthorizationProgress.self).value
        }
        guard progress.state == .done else {
            guard let problem = progress.problem else { throw CommandFailure(.trouble, "it failed") }
            let isTemporary = ["now", "later"].contains(problem.retry)
            throw CommandFailure(isTemporary ? .tryLater : .trouble, "\(problem.operation): \(problem.reason)")
        }
        let who = progress.identity.map { " as \(Printable($0))" } ?? ""
        try Console.write("\(account) is signed in\(who)")
        Console.complain(progress.warning.map { ["warning: \($0)"] } ?? [])
    }

    private struct Begin: Encodable {
        var method: String
        var refreshToken: String?

        private enum CodingKeys: String, CodingKey {
            case method
            case refreshToken = "refresh_token"
        }
    }

    private func show(_ instructions: AuthorizationProgress.Instructions?) throws {
        guard let instructions else { return }
        try Console.write(lines: [
            "Open  \(Printable(instructions.verificationURI))", "Enter \(Printable(instructions.userCode))",
            "before \(instructions.expires), signed in as the owner of this mailbox. Waiting.",
        ])
    }
}
