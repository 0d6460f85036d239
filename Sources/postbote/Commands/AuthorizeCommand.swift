import ArgumentParser
import MailModel
import Operations

struct AuthorizeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "authorize", abstract: "Signs an account in, or says what its app needs.",
        discussion: """
            --device prints a page and a code for the mailbox owner and waits until they have signed in. --browser prints \
            an address for a browser on this machine, or on another one with ssh -L, and waits until it comes back. \
            --paste prints an address for any browser and reads the address at which that ended. --import takes a \
            refresh token that was obtained elsewhere from a file, or from standard input with `-`. --link prints a link \
            with which the mailbox owner signs in without you, once; --all-missing one for each account that needs its \
            owner. Both need `console` with its `public_url`, and with --mail they send the links through `notify_via`. \
            An account whose two directions are signed in at two providers needs two sign-ins: the missing one is asked for, \
            unless --direction says which. \
            Of an app that signs in itself (client_credentials, service_account) none of them is given: what must be done \
            for it is printed, with its ids, and a token is tried.
            """)

    @Argument(help: "The account.")
    var account: String?

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

    @Flag(name: .long, help: "Print a link for the mailbox owner.")
    var link = false

    @Flag(name: .long, help: "A link for the owner of each account that needs them.")
    var allMissing = false

    @Flag(name: .long, help: "With --link or --all-missing: mail the links to the owners instead of printing them.")
    var mail = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With --link or --all-missing: how long they are good for; 48h otherwise.", valueName: "48h"))
    var expires: String?

    @OptionGroup var which: DirectionOption
    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [device, browser, paste, importFile != nil, link, allMissing].count(where: { $0 }) <= 1 else {
            throw ValidationError("Either --device, --browser, --paste, --import FILE, --link or --all-missing.")
        }
        guard (account == nil) == allMissing else {
            throw ValidationError(
                allMissing ? "--all-missing takes no account." : "Missing expected argument '<account>'")
        }
        guard link || allMissing || !(mail || expires != nil || output.json) else {
            throw ValidationError("--mail, --expires and --json are for --link and --all-missing.")
        }
        guard expires.map({ LinkLifetime($0) != nil }) ?? true else {
            throw ValidationError("--expires is a duration such as 48h or 7d, from 5m to 30d.")
        }
        guard which.direction == nil || device || browser || paste || importFile != nil else {
            throw ValidationError("--direction is for --device, --browser, --paste and --import.")
        }
        guard port == nil || browser else { throw ValidationError("--port is for --browser.") }
        guard (1...65535).contains(port ?? 1) else { throw ValidationError("--port is a number from 1 to 65535.") }
    }

    func run() async throws {
        if link || allMissing {
            let usual = Duration.seconds(Limits.linkLifetimeUsual)
            let order = LinkOrder(
                lifetime: expires.flatMap(LinkLifetime.init)?.duration ?? usual, mail: mail,
                client: try await daemon.client(), output: output)
            guard let account else { return try await order.allMissing() }
            return try await order.one(account)
        }
        guard let account else { preconditionFailure("validate() lets nobody through without one") }
        try await signIn(account)
    }

    private func signIn(_ account: String) async throws {
        let progress: AuthorizationProgress
        if let importFile {
            let token = try SecretFile.read(importFile)
            progress = try await begin(
                SignInOrder(method: "import", direction: which.direction?.rawValue, refreshToken: token), account,
                try await daemon.client())
        } else if device {
            progress = try await byDevice(account, try await daemon.client())
        } else if browser {
            let order = SignInOrder(method: "browser", direction: which.direction?.rawValue)
            progress = try await BrowserSignIn(account: account, client: try await daemon.client(), order: order).run(
                port: port ?? 0)
        } else if paste {
            let order = SignInOrder(method: "paste", direction: which.direction?.rawValue)
            progress = try await PastedSignIn(account: account, client: try await daemon.client(), order: order).run()
        } else {
            progress = try await begin(
                SignInOrder(method: "application"), account, try await daemon.client())
            try show(progress.setup ?? [])
        }
        try conclude(progress, account)
    }

    private func begin(
        _ order: SignInOrder, _ account: String, _ client: ControlClient
    ) async throws -> AuthorizationProgress {
        let target = try Target.account(account, "authorize")
        return try await client.post(target, .json(try JSON.encode(order)), as: AuthorizationProgress.self).value
    }

    private func byDevice(_ account: String, _ client: ControlClient) async throws -> AuthorizationProgress {
        var progress = try await begin(
            SignInOrder(method: "device", direction: which.direction?.rawValue), account, client)
        if progress.state == .waiting { try show(progress.instructions) }
        while progress.state == .waiting {
            let question = try Target.account(account, "authorize", progress.id, query: [("wait", "30")])
            progress = try await client.get(question, as: AuthorizationProgress.self).value
        }
        return progress
    }

    private func conclude(_ progress: AuthorizationProgress, _ account: String) throws {
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
        if let missing = progress.missing {
            let doing = missing == Direction.send.rawValue ? "sending" : "receiving"
            Console.complain([
                "\(doing) needs a sign-in of its own, which is missing: the same command with --direction \(missing)"
            ])
        }
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
