/// What was removed with an account's state.
public struct ForgetReport: Codable, Hashable, Sendable {
    public var account: String
    public var folders: Int
    /// Messages of the ledger.
    public var messages: Int
    /// Messages of the outbound queue and its history.
    public var queued: Int
    /// Credentials that no other account uses.
    public var credentials: Int

    public init(account: String, folders: Int = 0, messages: Int = 0, queued: Int = 0, credentials: Int = 0) {
        self.account = account
        self.folders = folders
        self.messages = messages
        self.queued = queued
        self.credentials = credentials
    }
}
