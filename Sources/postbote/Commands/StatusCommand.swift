import ArgumentParser
import Diagnostics
import Operations

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows how the accounts fare.",
        discussion: "With an account: all its details and its last errors with what to do.")

    @Argument(help: "Show this account in full.")
    var account: String?

    @Flag(name: .long, help: "Show only accounts with a problem; exit code 1 if there are any.")
    var problems = false

    @OptionGroup var daemon: DaemonOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let client = try await daemon.client()
        if let account {
            let reply = try await client.get(try .account(account), as: AccountStatus.self)
            try output.print(reply) { AccountDetails($0, at: SystemClock().now).lines }
            if problems, reply.value.hasProblem { throw CommandFailure(.trouble) }
        } else {
            try await list(client)
        }
    }

    private func list(_ client: ControlClient) async throws {
        var reply = try await client.get(Target("v1", "accounts"), as: AccountList.self)
        let daemon = try await client.get(Target("v1", "status"), as: DaemonStatus.self).value
        // What concerns all accounts, such as a full disk, comes before what concerns one.
        if let problem = daemon.problem {
            Console.complain(["\(daemon.state.rawValue): \(problem.operation): \(problem.reason)"])
        }
        let troubled = reply.value.accounts.filter(\.hasProblem)
        if problems {
            reply.value.accounts = troubled
            reply.bytes = try JSON.encode(Versioned(reply.value))
        }
        try output.print(reply) { list in
            // Nothing to report is no table.
            problems && list.accounts.isEmpty ? [] : AccountTable(list.accounts, at: SystemClock().now).lines
        }
        if problems, !troubled.isEmpty || daemon.problem != nil { throw CommandFailure(.trouble) }
    }
}
