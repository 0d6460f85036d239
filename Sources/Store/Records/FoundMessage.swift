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
    /// What it says of itself now, where that contradicts what was known: it was known by the server's id alone, and would
    /// look like another message under its UID.
    public var rewritten: MessageTraits?

    public init(id: LedgerID, uid: UID, serverID: String? = nil, rewritten: MessageTraits? = nil) {
        self.id = id
        self.uid = uid
        self.serverID = serverID
        self.rewritten = rewritten
    }
}
