import MailModel

/// Messages of an account that stepped aside by themselves, and that a notice tells the administrator of.
public struct PutAside: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        /// In the queue, because sending was parked for longer than `parked_max`.
        case held
        /// Of a mailbox, because they could not be read or handed over.
        case quarantined
    }

    public var kind: Kind
    public var account: AccountID
    public var count: Int
}
