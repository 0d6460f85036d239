import Glibc
import TestSupport

/// The program under demonstration, run as an administrator runs it.
struct DemoPostbote {
    private let daemon: ChildProcess
    private let servers: DemoServers
    private let environment: [String: String?]

    /// Writes the configuration and waits until the daemon is ready.
    static func start(_ servers: DemoServers) async throws -> DemoPostbote {
        let directory = servers.directory
        let configuration = try directory.file("postbote.yaml", text(of: servers), mode: 0o600)
        let environment: [String: String?] = [
            "POSTBOTE_CONFIG": configuration, "STATE_DIRECTORY": directory("state"),
            "RUNTIME_DIRECTORY": try directory.directory("run"), "JOURNAL_STREAM": nil, "NOTIFY_SOCKET": nil,
        ]
        var options = ChildProcess.Options()
        options.adding = environment
        let daemon = try ChildProcess(Program.built("postbote"), ["serve"], options: options)
        let postbote = DemoPostbote(daemon: daemon, servers: servers, environment: environment)
        do {
            try await daemon.errors.line(containing: "ready")
        } catch {
            say(postbote.log)
            throw error
        }
        return postbote
    }

    private static func text(of servers: DemoServers) -> String {
        let dovecot = servers.dovecot
        var text = """
            poll_interval: 1h
            providers:
              demo:
                preset: generic
                client_id: \(RegisteredClient.publicClient.identifier)
                token_url: \(servers.authorization.tokenURL)
                device_url: \(servers.authorization.deviceURL)
                authorize_url: \(servers.authorization.authorizeURL)
                scopes: [\(AuthorizationServer.mailScopes.map { "\"\($0)\"" }.joined(separator: ", "))]
                imap: {host: localhost, port: \(dovecot.port(.imaps)), tls: implicit}
                pop3: {host: localhost, port: \(dovecot.port(.pop3)), tls: starttls}
                smtp: {host: localhost, port: \(dovecot.port(.submission)), tls: starttls}
                ca_file: \(dovecot.authorityFile)
            defaults: {provider: demo}
            accounts:

            """
        for account in servers.accounts {
            text += """
                  \(account.name):
                    address: \(account.address)
                    receive: {protocol: \(account.isPOP3 ? "pop3" : "imap")}
                    send: {}

                """
        }
        return text
    }

    // MARK: What an administrator does

    /// Imports each mailbox's refresh token, as after a sign-in elsewhere.
    func consent() async throws {
        for account in servers.accounts {
            try await command(["authorize", account.name, "--import", "-"], input: account.refreshToken + "\n")
        }
    }

    func fetch(_ account: String) async throws {
        let answer = try await command(["fetch", account, "--wait"])
        say("  \(account): \(answer.text.split(separator: "\n").first ?? "")")
    }

    /// - Returns: the subjects of the messages, each of which has got a queue id.
    func send(count: Int) async throws -> [String] {
        var subjects: [String] = []
        for number in 0..<count {
            let from = servers.accounts[number % servers.accounts.count].address
            let subject = "Demo message \(number) of \(count)"
            let message = "From: \(from)\nTo: somebody@example.org\nSubject: \(subject)\n\n.\nGrüße\n.dot\n"
            let arguments =
                number.isMultiple(of: 2) ? ["send", "--to", "somebody@example.org"] : ["sendmail", "-t", "-i"]
            try await command(arguments, input: message)
            subjects.append(subject)
        }
        return subjects
    }

    /// KiB, the most that was resident.
    func peakMemory() throws -> Int {
        let status = try Directory.bytes(of: "/proc/\(daemon.processID)/status")
        for line in String(decoding: status, as: UTF8.self).split(separator: "\n") where line.hasPrefix("VmHWM:") {
            return line.split(separator: " ").compactMap { Int($0) }.first ?? 0
        }
        throw DemoFailure("the kernel tells no VmHWM")
    }

    func stop() async throws {
        guard await daemon.stop() == .exited(0) else { throw DemoFailure("postbote did not end well:\n\(log)") }
    }

    func kill() async { await daemon.stop(signal: SIGKILL) }

    /// The last lines of the daemon's log.
    var log: String { daemon.errors.lines.suffix(40).joined(separator: "\n") }

    @discardableResult
    private func command(_ arguments: [String], input: String? = nil) async throws -> ChildProcess.Finished {
        var options = ChildProcess.Options()
        options.adding = environment
        return try await ChildProcess.check(
            Program.built("postbote"), arguments, input: input.map { Array($0.utf8) }, options: options)
    }
}
