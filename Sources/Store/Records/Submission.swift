import Diagnostics
import MailModel

/// A message to be accepted into the queue: its envelope, and how it wants to be treated.
public struct Submission: Sendable {
    public var account: AccountID
    /// Empty: the null reverse-path of a report.
    public var reversePath: String
    public var recipients: [String]
    /// The Message-ID field, by which a message in doubt is looked for in Sent.
    public var messageID: String?
    /// It holds octets above 127, so 8BITMIME is needed (RFC 6152).
    public var needs8BitMIME = false
    /// An address or header is not ASCII, so SMTPUTF8 is needed (RFC 6531).
    public var needsSMTPUTF8 = false
    /// The same key with the same message returns the same id.
    public var idempotencyKey: String?
    /// Higher ones first; -9...9.
    public var priority = 0
    public var notBefore: Timestamp?

    public init(account: AccountID, reversePath: String, recipients: [String]) {
        self.account = account
        self.reversePath = reversePath
        self.recipients = recipients
    }
}
