/// Every account, in the order of their names.
public struct AccountList: Codable, Hashable, Sendable {
    public var accounts: [AccountStatus]

    public init(accounts: [AccountStatus]) { self.accounts = accounts }
}
