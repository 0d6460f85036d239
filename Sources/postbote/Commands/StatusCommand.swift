import ArgumentParser
import Diagnostics
import Operations

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows how the accounts fare.",
        discussion: """
            With an account: all its details and its last errors with what to do. A daemon that cannot work is named \
            first.
            """)

    @Argument(help: "Show this account in full.")
    var account: String?

    @Flag(
        name: .long, help: "Show only accounts with a problem; exit code 1 if there are any, or the daemon has one.")
    var problems = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try await daemon.client()
        if let account {
            let reply = try await client.get(try .account(account), as: AccountStatus.self)
            try output.print(reply) { AccountDetails($0, at: SystemClock().now).lines }
            if problems, reply.value.hasProblem(at: SystemClock().now) { throw CommandFailure(.trouble) }
        } else {
            try await list(client)
        }
    }

    private func list(_ client: ControlClient) async throws {
        var reply = try await client.get(Target("v1", "accounts"), as: AccountList.self)
        let daemon = reply.value.daemon
        // What concerns all accounts, such as a full disk, comes before what concerns one.
        if daemon.state != .ok {
            let problem = daemon.problem.map { ": \($0.operation): \($0.reason)" } ?? ""
            Console.complain(["postbote is in state \(daemon.state.rawValue)\(problem)"])
        }
        let now = SystemClock().now
        let troubled = reply.value.accounts.filter { $0.hasProblem(at: now) }
        if problems {
            reply.value.accounts = troubled
            reply.bytes = try JSON.encode(Versioned(reply.value))
        }
        try output.print(reply) { list in
            // Nothing to report is no table.
            problems && list.accounts.isEmpty ? [] : AccountTable(list.accounts, at: SystemClock().now).lines
        }
        if problems, !troubled.isEmpty || daemon.state == .storage { throw CommandFailure(.trouble) }
    }
}
