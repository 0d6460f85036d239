import Diagnostics
import MailModel

/// A message that somebody on this machine wants to send, without its content.
public struct Submission: Hashable, Sendable {
    /// `nil`: the one whose `send.from` has the sender.
    public var account: AccountName?
    /// The envelope's sender; `nil`: the address of the From field; empty: the null path of reports and automatic
    /// replies (RFC 5321 §4.5.5).
    public var sender: String?
    /// The sender where it is an address.
    public var namedSender: String? { sender.flatMap { $0.isEmpty ? nil : $0 } }
    /// The envelope's recipients.
    public var recipients: [String]
    /// Whether To, Cc and Bcc name recipients too, Bcc being taken out of the message (`sendmail -t`).
    public var recipientsFromHeader: Bool
    /// Whether a message without From gets one (sendmail); otherwise it is refused.
    public var addsMissingFrom: Bool
    /// The full name in such a From field (`sendmail -F`).
    public var fullName: String?
    /// Not before this moment.
    public var at: Timestamp?
    /// Higher goes first.
    public var priority: Int
    /// The same key with the same message is the same message.
    public var idempotencyKey: String?
    /// Who hands it in.
    public var peer: Peer

    public init(
        account: AccountName? = nil, sender: String? = nil, recipients: [String] = [],
        recipientsFromHeader: Bool = false, addsMissingFrom: Bool = false, fullName: String? = nil,
        at: Timestamp? = nil, priority: Int = 0,
        idempotencyKey: String? = nil, peer: Peer
    ) {
        self.account = account
        self.sender = sender
        self.recipients = recipients
        self.recipientsFromHeader = recipientsFromHeader
        self.addsMissingFrom = addsMissingFrom
        self.fullName = fullName
        self.at = at
        self.priority = priority
        self.idempotencyKey = idempotencyKey
        self.peer = peer
    }
}
