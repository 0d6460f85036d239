/// A message that is stored durably.
public struct SubmissionReceipt: Codable, Hashable, Sendable {
    /// The queue id.
    public var id: String
    public var account: String
    /// The same key came with the same message before: this is the id it got then.
    public var duplicate: Bool

    public init(id: String, account: String, duplicate: Bool = false) {
        self.id = id
        self.account = account
        self.duplicate = duplicate
    }
}
