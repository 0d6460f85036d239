import ArgumentParser
import Operations

struct AuthorizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorize", abstract: "Signs an account in, or says what its app needs.",
        discussion: """
            --device prints a page and a code for the mailbox owner and waits until they have signed in. --browser prints \
            an address for a browser on this machine, or on another one with ssh -L, and waits until it comes back. \
            --paste prints an address for any browser and reads the address at which that ended. --import takes a \
            refresh token that was obtained elsewhere from a file, or from standard input with `-`. Of an app that signs in \
            itself (client_credentials, service_account) none of them is given: what must be done for it is printed, with \
            its ids, and a token is tried.
            """)

    @Argument(help: "The account.")
    var account: String

    @Flag(name: .long, help: "Sign in with a code on another device.")
    var device = false

    @Flag(name: .long, help: "Sign in with a browser that comes back to this machine.")
    var browser = false

    @Option(
        name: .long,
        help: ArgumentHelp("With --browser: the port it comes back to; without it any that is free.", valueName: "n"))
    var port: Int?

    @Flag(name: .long, help: "Sign in with any browser, and paste the address at which it ended.")
    var paste = false

    @Option(name: .customLong("import"), help: ArgumentHelp("Take a refresh token from a file.", valueName: "file"))
    var importFile: String?

    @OptionGroup var daemon: DaemonOptions

    func validate() throws {
        guard [device, browser, paste, importFile != nil].count(where: { $0 }) <= 1 else {
            throw ValidationError("Either --device, --browser, --paste or --import FILE.")
        }
        guard port == nil || browser else { throw ValidationError("--port is for --browser.") }
        guard (1...65535).contains(port ?? 1) else { throw ValidationError("--port is a number from 1 to 65535.") }
    }

    func run() async throws {
        let progress: AuthorizationProgress
        if let importFile {
            let token = try SecretFile.read(importFile)
            progress = try await begin(SignInOrder(method: "import", refreshToken: token), try await daemon.client())
        } else if device {
            progress = try await byDevice(try await daemon.client())
        } else if browser {
            progress = try await BrowserSignIn(account: account, client: try await daemon.client()).run(
                port: port ?? 0)
        } else if paste {
            progress = try await PastedSignIn(account: account, client: try await daemon.client()).run()
        } else {
            progress = try await begin(SignInOrder(method: "application"), try await daemon.client())
            try show(progress.setup ?? [])
        }
        try conclude(progress)
    }

    private func begin(_ order: SignInOrder, _ client: ControlClient) async throws -> AuthorizationProgress {
        let target = try Target.account(account, "authorize")
        return try await client.post(target, .json(try JSON.encode(order)), as: AuthorizationProgress.self).value
    }

    private func byDevice(_ client: ControlClient) async throws -> AuthorizationProgress {
        var progress = try await begin(SignInOrder(method: "device"), client)
        if progress.state == .waiting { try show(progress.instructions) }
        while progress.state == .waiting {
            let question = try Target.account(account, "authorize", progress.id, query: [("wait", "30")])
            progress = try await client.get(question, as: AuthorizationProgress.self).value
        }
        return progress
    }

    private func conclude(_ progress: AuthorizationProgress) throws {
        guard progress.state == .done else {
            guard let problem = progress.problem else { throw CommandFailure(.trouble, "it failed") }
            let isTemporary = ["now", "later"].contains(problem.retry)
            let server = problem.serverLine.map { " (server: \($0))" } ?? ""
            throw CommandFailure(
                isTemporary ? .tryLater : .trouble, "\(problem.operation): \(problem.reason)\(server)")
        }
        let who = progress.identity.map { " as \(Printable($0))" } ?? ""
        try Console.write("\(account) is signed in\(who)")
        Console.complain(progress.warning.map { ["warning: \($0)"] } ?? [])
    }

    private func show(_ setup: [AuthorizationProgress.SetupStep]) throws {
        let steps = setup.enumerated().flatMap { index, step in
            ["\(index + 1). \(Printable(step.text))"] + step.lines.map { "   \(Printable($0))" }
        }
        try Console.write(lines: ["What the app needs, once:"] + steps)
    }

    private func show(_ instructions: AuthorizationProgress.Instructions?) throws {
        guard let instructions else { return }
        try Console.write(lines: [
            "Open  \(Printable(instructions.verificationURI))", "Enter \(Printable(instructions.userCode))",
            "before \(instructions.expires), signed in as the owner of this mailbox. Waiting.",
        ])
    }
}
