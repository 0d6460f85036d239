import MailModel

/// A known message that was found under another UID.
public struct FoundMessage: Hashable, Sendable {
    public enum Finding: Sendable {
        /// The message itself, after a move.
        case recognised
        /// A changed version of it, to which the server gave a new UID.
        case revised
    }

    public var id: LedgerID
    public var uid: UID
    /// As the present server says; `nil`: it has none, and what was known stays.
    public var serverID: String?

    public init(id: LedgerID, uid: UID, serverID: String? = nil) {
        self.id = id
        self.uid = uid
        self.serverID = serverID
    }
}
