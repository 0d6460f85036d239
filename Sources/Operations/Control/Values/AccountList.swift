/// Every account, in the order of their names, and the daemon that serves them.
public struct AccountList: Codable, Hashable, Sendable {
    public var daemon: DaemonStatus
    public var accounts: [AccountStatus]

    public init(daemon: DaemonStatus, accounts: [AccountStatus]) {
        self.daemon = daemon
        self.accounts = accounts
    }
}
