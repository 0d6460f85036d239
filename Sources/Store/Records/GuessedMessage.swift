import MailModel

/// A present message and the known one that it may be.
public struct GuessedMessage: Hashable, Sendable {
    public var id: LedgerID
    public var uid: UID
    /// Of the present one, with an identity and a date.
    public var traits: MessageTraits

    public init(id: LedgerID, uid: UID, traits: MessageTraits) {
        self.id = id
        self.uid = uid
        self.traits = traits
    }
}
