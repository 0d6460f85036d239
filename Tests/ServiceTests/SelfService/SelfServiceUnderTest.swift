import TestSupport

/// The service with its web console, an app registration whose browsers come back to it, and mail that arrives.
struct SelfServiceUnderTest {
    let service: ServiceUnderTest
    let submission: SMTPServer
    /// Where the pages are.
    let origin: String
    /// Keeps the console's port while the service does not have it.
    private let port: ListeningSocket

    /// - Parameter policy: what the submission server does otherwise than usual.
    static func start(
        _ policy: @escaping @Sendable (SMTPServerEvent) -> SMTPServerAction? = { _ in nil }
    ) async throws -> SelfServiceUnderTest {
        var client = RegisteredClient.confidentialClient
        // The browser's way to the provider is one from site to site, as it is in the world.
        client.redirectURIs = ["http://localhost/authorize/callback"]
        var options = AuthorizationOptions()
        options.clients = [client]
        let authorization = try await AuthorizationServer.start(options)
        let users = [ServiceUnderTest.user, "bert@example.test"]
        var mail = DovecotOptions(users: users.map { .init($0) })
        mail.signer = options.signer
        let dovecot = try await DovecotServer.start(mail)
        var smtp = SMTPServerOptions()
        smtp.signer = options.signer
        smtp.passwords = ["office@example.test": "secret"]
        smtp.policy = policy
        let submission = try await SMTPServer.start(smtp)
        let port = try ListeningSocket()
        try port.refuse()
        let service = try ServiceUnderTest(dovecot: dovecot, authorization: authorization, submission: submission)
        let test = SelfServiceUnderTest(
            service: service, submission: submission, origin: "http://localhost:\(port.port)", port: port)
        try test.configure(client)
        return test
    }

    /// Anna's and Bert's mailboxes, and one with a password through which Postbote itself sends.
    private func configure(_ client: RegisteredClient) throws {
        let scopes = AuthorizationServer.mailScopes.map { "\"\($0)\"" }.joined(separator: ", ")
        let servers = """
                imap: {host: localhost, port: \(service.dovecot.port(.imaps)), tls: implicit}
                smtp: {host: localhost, port: \(submission.port), tls: starttls}
                ca_file: \(service.authorityFile)
            """
        try service.directory.file(
            "postbote.yaml",
            """
            poll_interval: 1h
            notify_via: office
            console: {listen: "127.0.0.1:\(port.port)", public_url: "\(origin)", trusted_proxies: [127.0.0.1]}
            providers:
              test:
                preset: generic
                client_id: \(client.identifier)
                client_secret: "\(client.secrets[0].value)"
                client_secret_expires: never
                token_url: \(service.authorization.tokenURL)
                authorize_url: \(service.authorization.authorizeURL)
                scopes: [\(scopes)]
            \(servers)
              own:
                preset: generic
                grant: password
            \(servers)
            accounts:
              anna: {address: \(ServiceUnderTest.user), provider: test, receive: {}, send: {}}
              bert: {address: bert@example.test, provider: test, receive: {}}
              office: {address: office@example.test, provider: own, password: secret, send: {}}

            """, mode: 0o600)
    }

    /// The address that `authorize ACCOUNT --link` prints.
    func link(_ account: String = "anna") async throws -> String {
        let finished = try await service.run("authorize", account, "--link")
        guard finished.status.isSuccess, let link = finished.text.split(separator: "\n").last else {
            throw ServiceUnderTest.CommandFailed(description: finished.errors)
        }
        return String(link)
    }

    func stop(_ daemon: ChildProcess) async -> ExitStatus? {
        let status = await daemon.stop()
        await service.stop()
        return status
    }
}
