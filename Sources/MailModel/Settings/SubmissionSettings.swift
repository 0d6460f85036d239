/// The local SMTP submission listener.
public struct SubmissionSettings: Hashable, Sendable {
    public struct User: Hashable, Sendable {
        public var passwordHash: String
        public var accounts: [AccountName]

        public init(passwordHash: String, accounts: [AccountName]) {
            self.passwordHash = passwordHash
            self.accounts = accounts
        }
    }

    public var listen: [String]
    public var tls: ListenerTLS?
    public var users: [String: User] = [:]

    public init(listen: [String]) { self.listen = listen }
}
