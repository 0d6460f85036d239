import ConfigurationFile
import Daemon
import Diagnostics
import Store
import TestSupport
import Transport

/// A daemon in this process whose accounts have no consent: nobody is connected to.
struct DaemonUnderTest {
    let clock = TestClock()
    let recorder = EventRecorder()
    private let directory: TemporaryDirectory
    private let temporary: TemporaryStore
    private let reader: ConfigurationReader
    private let directories: ConfigurationDirectories

    var store: Store { temporary.store }

    init() throws {
        directory = try TemporaryDirectory(prefix: "daemon")
        temporary = try TemporaryStore()
        directories = ConfigurationDirectories(state: directory("state"), runtime: directory("run"))
        reader = ConfigurationReader(path: directory("postbote.yaml"), directories: directories)
    }

    /// - Parameters:
    ///   - client: lines of the provider.
    ///   - top: lines of the whole.
    ///   - office: an account that signs in with a password, and sends.
    ///   - shared: what stands in each account's braces.
    ///   - providers: lines of other providers.
    ///   - send: the accounts' sending.
    ///   - officeServer: where the office's mail is submitted.
    func configure(
        accounts: [String], client: String = "", top: String = "", office: Bool = false, shared: String = "",
        providers: String = "", send: String = "{}", officeServer: String = "port: 1, tls: implicit"
    ) throws {
        var lines = accounts.map { name in
            "  \(name): {address: \(name)@example.test, provider: test, receive: {}, send: \(send)\(shared)}\n"
        }
        if office { lines.append("  office: {address: office@example.test, provider: own, password: x, send: {}}\n") }
        try directory.file(
            "postbote.yaml",
            """
            \(top)
            providers:
              test:
                preset: generic
                client_id: client
                \(client)
                authorize_url: https://localhost:1/authorize
                token_url: https://localhost:1/token
                scopes: [mail]
                imap: {host: localhost, port: 1, tls: implicit}
                smtp: {host: localhost, port: 1, tls: implicit}
              own: {preset: generic, grant: password, smtp: {host: localhost, \(officeServer)}}
            \(providers)
            accounts:
            \(lines.joined())
            """, mode: 0o600)
    }

    /// Of the configuration as it is now.
    func daemon() throws -> Daemon {
        let ground = Daemon.Ground(
            reader: reader, store: store, loops: EventLoops(count: 1),
            secrets: ConfiguredSecrets(directories: directories, environment: [:]), log: EventLog(recorder: recorder),
            clock: clock, hostName: "host")
        return Daemon(ground, configuration: try reader.read())
    }
}
