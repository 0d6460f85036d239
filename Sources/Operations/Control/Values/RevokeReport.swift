/// Whose consent was forgotten.
public struct RevokeReport: Codable, Hashable, Sendable {
    /// The accounts that were signed in with it, and have to sign in again.
    public var accounts: [String]

    public init(accounts: [String]) { self.accounts = accounts }
}
