import Glibc
import TestSupport

/// A service with a different secret at every place that the configuration has for one, and with servers that repeat what
/// they were told in confidence.
final class PlantedSecrets: Sendable {
    /// Where a client secret may be written, and the account that signs in with it.
    static let places = ["file", "env", "command", "credential", "literal"]
    static let password = "Pl4nted/account+password~&=ß"
    static let wrongPassword = "Pl4nted/wrong+password~&=ß"
    static let proxyPassword = "Pl4nted.proxy~password-of-all"
    /// An access token that ends as soon as it is there.
    static let shortLived = "Pl4nted.short-lived~access-token.of.many.octets"
    static let variable = "PLANTED_CLIENT_SECRET"

    let service: ServiceUnderTest
    private let echoingIMAP: ScriptedServer
    private let echoingPOP3: ScriptedServer
    let echoingSMTP: SMTPServer
    private let proxy: ScriptedServer

    /// With nothing in common, so that one is not taken for another.
    private static let clientSecrets = [
        "file": "fJ8~q+Zk2/Wm=7Rt&bxßP%v5Lc-9d", "env": "eT3~y+Gn6/Hs=1Ka&uwßC%j8Xo-4r",
        "command": "cV7~i+Bd4/Qz=9Ef&ohßM%n2Yg-6s", "credential": "rW5~a+Lx1/Jp=3Dv&kyßT%e7Ub-8f",
        "literal": "lN2~m+Sc9/Ag=6Oi&zqßH%t4Rw-1x",
    ]

    static func clientSecret(_ place: String) -> String { clientSecrets[place]! }

    static func start() async throws -> PlantedSecrets {
        var options = AuthorizationOptions()
        options.clients = [.publicClient] + places.map { .init("client-\($0)", secrets: [.init(clientSecret($0))]) }
        let users = (places + ["device"]).map { DovecotOptions.User("\($0)@example.test") }
        var dovecot = DovecotOptions(
            users: users + [.init("right@example.test", password: password), "wrong@example.test"])
        dovecot.signer = options.signer
        let service = try ServiceUnderTest(
            dovecot: try await .start(dovecot), authorization: try await .start(options))
        var smtp = SMTPServerOptions()
        smtp.policy = { $0.verb == "AUTH" ? .reply("535 5.7.3 not with \($0.argument)") : nil }
        let planted = try PlantedSecrets(
            service: service, echoingIMAP: try await .start(Self.imapDialog),
            echoingPOP3: try await .start(Self.pop3Dialog), echoingSMTP: try await .start(smtp),
            proxy: try await .start(Self.proxyDialog))
        try planted.writeSecrets()
        try planted.configure()
        return planted
    }

    private init(
        service: ServiceUnderTest, echoingIMAP: ScriptedServer, echoingPOP3: ScriptedServer,
        echoingSMTP: SMTPServer, proxy: ScriptedServer
    ) throws {
        self.service = service
        self.echoingIMAP = echoingIMAP
        self.echoingPOP3 = echoingPOP3
        self.echoingSMTP = echoingSMTP
        self.proxy = proxy
    }

    func stop() async {
        await service.stop()
        for server in [echoingIMAP, echoingPOP3, proxy] { await server.stop() }
        await echoingSMTP.stop()
    }

    /// What the administrator wrote, and the key that was made for him.
    var planted: [MarkedSecret] {
        get throws {
            let key = try Directory.text(of: service.directory("state/postbote.key"))
            return Self.places.map { MarkedSecret("the client secret (\($0))", Self.clientSecret($0)) } + [
                MarkedSecret("an account's password", Self.password),
                MarkedSecret("an account's wrong password", Self.wrongPassword),
                MarkedSecret("the proxy's password", Self.proxyPassword),
                MarkedSecret("a short-lived access token", Self.shortLived),
                MarkedSecret("the master key", String(key.dropLast())),
            ]
        }
    }

    /// What the daemon alone has in its environment.
    var environment: [String: String?] {
        [
            Self.variable: Self.clientSecret("env"), "CREDENTIALS_DIRECTORY": service.directory("credentials"),
            // What a crash says is looked at too.
            "SWIFT_BACKTRACE": "enable=yes,interactive=no,color=no",
        ]
    }

    // MARK: Setting up

    private func writeSecrets() throws {
        let directory = service.directory
        try directory.file("secret-in-file", Self.clientSecret("file") + "\n", mode: 0o600)
        try directory.file("password", Self.password + "\n", mode: 0o600)
        try directory.file("wrong-password", Self.wrongPassword + "\n", mode: 0o600)
        try directory.file("secret-of-command", Self.clientSecret("command"), mode: 0o600)
        try directory.directory("credentials", mode: 0o700)
        try directory.file("credentials/planted", Self.clientSecret("credential"), mode: 0o600)
    }

    private func configure() throws {
        let directory = service.directory
        let sources = [
            "file": "{file: \(directory("secret-in-file"))}", "env": "{env: \(Self.variable)}",
            "command": "{command: [cat, \(directory("secret-of-command"))]}", "credential": "{credential: planted}",
            "literal": "\"\(Self.clientSecret("literal"))\"",
        ]
        let dovecot = "imap: {host: localhost, port: \(service.dovecot.port(.imaps)), tls: implicit}"
        let providers = Self.places.map { place in
            provider("p-\(place)", "client_id: client-\(place), client_secret: \(sources[place]!), \(dovecot)")
        }
        let own = "client_id: \(RegisteredClient.publicClient.identifier)"
        let echoes =
            "imap: {host: localhost, port: \(echoingIMAP.port), tls: none}, "
            + "pop3: {host: localhost, port: \(echoingPOP3.port), tls: none}, "
            + "smtp: {host: localhost, port: \(echoingSMTP.port), tls: none}"
        let accounts = Self.places.map { "\($0): {address: \($0)@example.test, provider: p-\($0), receive: {}}" }
        try directory.file(
            "postbote.yaml",
            """
            poll_interval: 1h
            log_level: debug
            proxy: {url: "http://proxy:\(Self.proxyPassword)@127.0.0.1:\(proxy.port)", except: [localhost, 127.0.0.1]}
            providers:
            \((providers + [
                provider("p-device", "\(own), \(dovecot)"), provider("p-echo", "\(own), \(echoes)"),
                provider("p-far", "\(own), imap: {host: mail.example.test}"),
                "  p-password: {preset: generic, grant: password, \(dovecot), ca_file: \(service.authorityFile)}",
                "  p-echo-password: {preset: generic, grant: password, \(echoes)}",
            ]).joined(separator: "\n"))
            accounts:
            \((accounts + [
                "device: {address: device@example.test, provider: p-device, receive: {}}",
                "right: {address: right@example.test, provider: p-password, receive: {}, \(password("password"))}",
                "wrong: {address: wrong@example.test, provider: p-password, receive: {}, \(password("wrong-password"))}",
                "echo: {address: echo@example.test, provider: p-echo, receive: {}, send: {}}",
                "pop: {address: pop@example.test, provider: p-echo, receive: {protocol: pop3}}",
                "told: {address: told@example.test, provider: p-echo-password, receive: {}, \(password("password"))}",
                "far: {address: far@example.test, provider: p-far, receive: {}}",
            ]).map { "  " + $0 }.joined(separator: "\n"))

            """, mode: 0o600)
    }

    private func password(_ name: String) -> String { "password: {file: \(service.directory(name))}" }

    private func provider(_ name: String, _ rest: String) -> String {
        let scopes = AuthorizationServer.mailScopes.map { "\"\($0)\"" }.joined(separator: ", ")
        let server = service.authorization
        return "  \(name): {preset: generic, token_url: \"\(server.tokenURL)\", device_url: \"\(server.deviceURL)\", "
            + "scopes: [\(scopes)], ca_file: \(service.authorityFile), \(rest)}"
    }

    // MARK: Servers that repeat what they hear

    private static let imapDialog = """
        S: * OK ready
        C: $a CAPABILITY
        S+ * CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=PLAIN
        S: $a OK done
        C: $b AUTHENTICATE $mechanism $response
        S: $b NO [AUTHENTICATIONFAILED] not with AUTHENTICATE $mechanism $response
        REST
        """

    private static let pop3Dialog = """
        S: +OK ready
        C: CAPA
        S+ +OK
        S+ SASL XOAUTH2
        S: .
        C: AUTH $mechanism
        S: +
        C: $response
        S: -ERR [AUTH] not with $response
        REST
        """

    private static let proxyDialog = """
        C: CONNECT $host HTTP/1.1
        C: Host: $*
        C: Proxy-Authorization: $kind $credentials
        S+ HTTP/1.1 407 not with $credentials
        S+ Proxy-Authenticate: Basic realm="$credentials"
        S+ X-Echo: $credentials
        S+ Content-Length: 0
        S+ Connection: close
        S:
        CLOSE
        """
}
