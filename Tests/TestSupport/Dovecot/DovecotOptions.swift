/// How a Dovecot for tests is set up.
public struct DovecotOptions: Sendable {
    /// Who has a mailbox, with a password for PLAIN and LOGIN.
    public struct User: Hashable, Sendable, ExpressibleByStringLiteral {
        public var name: String
        public var password: String

        public init(_ name: String, password: String? = nil) {
            self.name = name
            self.password = password ?? "password-of-\(name)"
        }

        public init(stringLiteral name: String) { self.init(name) }
    }

    /// Where the submission service sends what it accepts, in clear and without signing in.
    public struct Relay: Hashable, Sendable {
        public var host: String
        public var port: Int

        public init(host: String = "127.0.0.1", port: Int) {
            self.host = host
            self.port = port
        }
    }

    public var users: [User]
    /// Checks the access tokens; the authorization server must sign with the same.
    public var signer = TokenSigner()
    public var issuer = AccessToken.issuer
    /// What a token must be for: its `aud`.
    public var audience = AccessToken.audience
    /// Mailbox → who else may open it with their own token, as with shared mailboxes.
    public var delegations: [String: String] = [:]
    /// Offered to clients, in Dovecot's spelling.
    public var mechanisms = ["plain", "login", "xoauth2", "oauthbearer"]
    /// Refuses to sign in before STARTTLS and STLS.
    public var requiresTLS = false
    /// `nil`: submission is not configured to send, and every transaction is refused.
    public var relay: Relay?
    /// The certificate; `nil`: `ServerCertificate.localhost()`.
    public var certificate: ServerCertificate?
    /// Capabilities instead of Dovecot's own before sign-in, for servers with fewer.
    public var imapCapabilities: String?
    /// How many sessions one user may have at a time.
    public var sessionsPerUser = 2000
    /// Logs the conversation between Dovecot's processes too.
    public var debug = false
    /// Appended to the configuration.
    public var extra = ""

    public init(users: [User] = ["anna@example.test"]) { self.users = users }
}
