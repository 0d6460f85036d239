import Glibc
import TestSupport

/// The servers of the soak, the way to them that breaks, and the service under test.
final class SoakServers {
    let authorization: AuthorizationServer
    let dovecot: DovecotServer
    let way: LineCutter
    let postbote: PostboteInstance
    let accounts: [String]
    private var daemon: ChildProcess?
    /// Under which of its names the server is configured.
    private var host = "localhost"
    /// KiB, the most of all of the service's lives.
    private(set) var peakMemory = 0

    static func address(of account: String) -> String { "\(account)@example.test" }

    init(mailboxes: Int) async throws {
        accounts = (1...mailboxes).map { "box\($0)" }
        let options = AuthorizationOptions()
        authorization = try await AuthorizationServer.start(options)
        var dovecotOptions = DovecotOptions(users: accounts.map { .init(Self.address(of: $0)) })
        dovecotOptions.signer = options.signer
        dovecot = try await DovecotServer.start(dovecotOptions)
        way = try await LineCutter.start(to: dovecot.port(.imap), cut: nil)
        postbote = try PostboteInstance(prefix: "postbote-soak")
    }

    func stop() async {
        if let daemon { await daemon.stop() }
        await way.stop()
        await dovecot.stop()
        await authorization.stop()
    }

    // MARK: The service

    func begin() async throws {
        try configure()
        try await serve()
        for account in accounts {
            let token = authorization.consent(user: Self.address(of: account))
            try await postbote.command("authorize", account, "--import", "-", input: token + "\n")
        }
    }

    private func serve() async throws { daemon = try await postbote.serve() }

    /// `kill -9`, and the next start.
    func kill() async throws {
        noteMemory()
        await daemon?.stop(signal: SIGKILL, grace: .zero)
        try await serve()
    }

    /// - Returns: whether the service ended as it should.
    func end() async -> Bool {
        noteMemory()
        defer { daemon = nil }
        return await daemon?.stop() == .exited(0)
    }

    private func noteMemory() {
        guard let daemon else { return }
        peakMemory = max(peakMemory, (try? ProcessMemory.peak(daemon.processID)) ?? 0)
    }

    /// The account's host is another one from now on, as far as Postbote can tell.
    func changeHost() async throws {
        host = host == "localhost" ? "127.0.0.1" : "localhost"
        try configure()
        try await postbote.command("reload")
    }

    private func configure() throws {
        let provider = PostboteProvider(authorization: authorization, dovecot: dovecot)
        let real = "imap: {host: localhost, port: \(dovecot.port(.imaps)), tls: implicit}"
        let broken = "imap: {host: \(host), port: \(way.port), tls: none}"
        let entries = accounts.map { account in
            "  \(account): {address: \(Self.address(of: account)), provider: test, receive: {folders: [INBOX, \"Archive*\"]}}\n"
        }
        try postbote.configure(
            "poll_interval: 3s\n" + provider.section.replacing(real, with: broken) + "accounts:\n" + entries.joined())
    }

    /// The last lines of the service's log.
    var log: String { daemon?.errors.lines.suffix(40).joined(separator: "\n") ?? "" }
}
