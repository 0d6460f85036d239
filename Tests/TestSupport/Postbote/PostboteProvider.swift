/// The servers of a test, as an entry of `providers:` in Postbote's configuration.
public struct PostboteProvider: Sendable {
    public let authorization: AuthorizationServer
    public let dovecot: DovecotServer
    /// Where mail is submitted; `nil`: Dovecot's own service.
    public var submissionPort: Int?
    /// A PEM file of what is trusted; `nil`: Dovecot's.
    public var authorityFile: String?

    public init(authorization: AuthorizationServer, dovecot: DovecotServer) {
        self.authorization = authorization
        self.dovecot = dovecot
    }

    /// The section, with the provider under the name `test`.
    public var section: String {
        let scopes = AuthorizationServer.mailScopes.map { "\"\($0)\"" }.joined(separator: ", ")
        return """
            providers:
              test:
                preset: generic
                client_id: \(RegisteredClient.publicClient.identifier)
                token_url: \(authorization.tokenURL)
                device_url: \(authorization.deviceURL)
                authorize_url: \(authorization.authorizeURL)
                scopes: [\(scopes)]
                imap: {host: localhost, port: \(dovecot.port(.imaps)), tls: implicit}
                pop3: {host: localhost, port: \(dovecot.port(.pop3)), tls: starttls}
                smtp: {host: localhost, port: \(submissionPort ?? dovecot.port(.submission)), tls: starttls}
                ca_file: \(authorityFile ?? dovecot.authorityFile)

            """
    }
}
