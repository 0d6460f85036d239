import MailModel

/// The answer to STATUS (RFC 3501 §7.2.4). What was not asked for, or is not known to the server, is `nil`.
public struct IMAPMailboxStatus: Hashable, Sendable {
    public var mailbox: IMAPMailboxName
    public var messages: UInt32?
    public var recent: UInt32?
    public var uidNext: UID?
    public var uidValidity: UIDValidity?
    public var unseen: UInt32?
    /// RFC 7162.
    public var highestModSeq: UInt64?
    /// RFC 8438, in octets.
    public var size: UInt64?
    /// RFC 8474.
    public var mailboxID: String?

    public init(mailbox: IMAPMailboxName) { self.mailbox = mailbox }
}
