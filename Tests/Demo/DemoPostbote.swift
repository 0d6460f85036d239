import Glibc
import TestSupport

/// The program under demonstration, run as an administrator runs it.
struct DemoPostbote {
    private let instance: PostboteInstance
    private let daemon: ChildProcess
    private let servers: DemoServers

    /// Writes the configuration and waits until the daemon is ready.
    static func start(_ servers: DemoServers) async throws -> DemoPostbote {
        let instance = servers.postbote
        try instance.configure(text(of: servers))
        return DemoPostbote(instance: instance, daemon: try await instance.serve(), servers: servers)
    }

    private static func text(of servers: DemoServers) -> String {
        let accounts = servers.accounts.map { account in
            """
              \(account.name):
                address: \(account.address)
                receive: {protocol: \(account.isPOP3 ? "pop3" : "imap")}
                send: {}

            """
        }
        let provider = PostboteProvider(authorization: servers.authorization, dovecot: servers.dovecot)
        return "poll_interval: 1h\n\(provider.section)defaults: {provider: test}\naccounts:\n" + accounts.joined()
    }

    // MARK: What an administrator does

    /// Imports each mailbox's refresh token, as after a sign-in elsewhere.
    func consent() async throws {
        for account in servers.accounts {
            try await instance.command(
                "authorize", account.name, "--import", "-", input: account.refreshToken + "\n")
        }
    }

    func fetch(_ account: String) async throws {
        let answer = try await instance.command("fetch", account, "--wait")
        say("  \(account): \(answer.text.split(separator: "\n").first ?? "")")
    }

    /// - Returns: the subjects of the messages, each of which has got a queue id.
    func send(count: Int) async throws -> [String] {
        var subjects: [String] = []
        for number in 0..<count {
            let from = servers.accounts[number % servers.accounts.count].address
            let subject = "Demo message \(number) of \(count)"
            let message = "From: \(from)\nTo: somebody@example.org\nSubject: \(subject)\n\n.\nGrüße\n.dot\n"
            if number.isMultiple(of: 2) {
                try await instance.command("send", "--to", "somebody@example.org", input: message)
            } else {
                try await instance.command("sendmail", "-t", "-i", input: message)
            }
            subjects.append(subject)
        }
        return subjects
    }

    /// KiB, the most that was resident.
    func peakMemory() throws -> Int { try ProcessMemory.peak(daemon.processID) }

    func stop() async throws {
        guard await daemon.stop() == .exited(0) else { throw DemoFailure("postbote did not end well:\n\(log)") }
    }

    func kill() async { await daemon.stop(signal: SIGKILL) }

    /// The last lines of the daemon's log.
    var log: String { daemon.errors.lines.suffix(40).joined(separator: "\n") }
}
