import Diagnostics
import MailModel

/// How a message is accepted for sending.
public struct IntakeOptions: Sendable {
    /// What becomes of a message without a From field, or with one that names only a local user.
    public enum MissingFrom: Sendable {
        /// It is refused.
        case refuse
        /// It gets this one, as sendmail does. The name in the message stays.
        case use(NamedAddress)
    }

    /// Recipients given beside the message.
    public var recipients: [MailAddress]
    /// Recipients are taken from To, Cc and Bcc too, or from Resent-To, Resent-Cc and Resent-Bcc where there are any
    /// (sendmail's `-t`).
    public var takesRecipientsFromHeader = false
    public var missingFrom = MissingFrom.refuse
    /// Completes recipients that name only a local user; `nil`: they are refused.
    public var localDomain: String?
    /// A line with nothing but a dot ends the message (sendmail without `-i`).
    public var loneDotEndsMessage = false
    /// For messages without a Message-ID. Fixed at intake, so that every attempt sends the same (RFC 6409 §8.3).
    public var messageID: MessageID
    /// For messages without a Date.
    public var date: Timestamp
    /// Octets with CRLF line ends.
    public var maximumSize: Int64?

    public init(recipients: [MailAddress] = [], messageID: MessageID, date: Timestamp) {
        self.recipients = recipients
        self.messageID = messageID
        self.date = date
    }
}
