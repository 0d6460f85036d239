import ConfigurationFile
import Daemon
import Diagnostics
import Operations
import TestSupport
import Testing
import Transport

@Suite("Reloads") struct ReloadTests {
    private static func write(accounts: [String], to directory: TemporaryDirectory) throws {
        let lines = accounts.map { "  \($0): {address: \($0)@example.test, provider: test, receive: {}}\n" }
        // Nobody is connected to: there is no consent.
        try directory.file(
            "postbote.yaml",
            """
            providers:
              test:
                preset: generic
                client_id: client
                authorize_url: https://localhost:1/authorize
                token_url: https://localhost:1/token
                scopes: [mail]
                imap: {host: localhost, port: 1, tls: implicit}
            accounts:
            \(lines.joined())
            """, mode: 0o600)
    }

    @Test("run one after the other, and none during the start, so that no account is started twice")
    func oneAfterTheOther() async throws {
        let directory = try TemporaryDirectory(prefix: "daemon")
        let temporary = try TemporaryStore()
        let recorder = EventRecorder()
        let directories = ConfigurationDirectories(state: directory("state"), runtime: directory("run"))
        let reader = ConfigurationReader(path: directory("postbote.yaml"), directories: directories)
        try Self.write(accounts: ["anna"], to: directory)
        let ground = Daemon.Ground(
            reader: reader, store: temporary.store, loops: EventLoops(count: 1),
            secrets: ConfiguredSecrets(directories: directories, environment: [:]), log: EventLog(recorder: recorder),
            clock: TestClock(),
            hostName: "host")
        let daemon = Daemon(ground, configuration: try reader.read())
        try Self.write(accounts: ["anna", "bob"], to: directory)
        async let started: Void = daemon.start()
        let reports = try await withThrowingTaskGroup(of: ReloadReport.self) { group in
            for _ in 0..<8 { group.addTask { try await daemon.reload() } }
            return try await group.reduce(into: [ReloadReport]()) { $0.append($1) }
        }
        try await started
        #expect(reports.map(\.added).filter { !$0.isEmpty } == [["bob"]])
        #expect(try await daemon.accounts().map(\.name) == ["anna", "bob"])
        await daemon.stop(within: .seconds(60))
        // Each fetcher says once that nobody has signed in.
        let said = recorder.events(.accountStateChanged).compactMap { $0[.account] }
        #expect(said.count == Set(said).count)
        await temporary.store.close()
    }
}
