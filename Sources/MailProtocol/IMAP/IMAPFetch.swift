import Diagnostics
import MailModel

/// One FETCH response: what the server told of one message (RFC 3501 §7.4.2).
///
/// Servers send what they like in any order, also unasked: everything may be missing.
public struct IMAPFetch: Hashable, Sendable {
    /// What became of the whole message in this response.
    public enum Body: Hashable, Sendable {
        /// There was none. Exchange answers OK without data for messages it cannot render: not retrieved, not deleted.
        case absent
        /// The server said NIL.
        case none
        /// It came in events before this one.
        case streamed(octets: Int)
    }

    public var sequenceNumber: UInt32
    public var uid: UID?
    public var flags: IMAPFlags?
    /// When the server got the message.
    public var internalDate: Timestamp?
    /// RFC822.SIZE: on Exchange an estimate, never to be held against the octets that came.
    public var size: UInt64?
    /// RFC 7162.
    public var modSeq: UInt64?
    /// RFC 8474: follows a message through COPY and MOVE.
    public var emailID: String?
    /// RFC 8474.
    public var threadID: String?
    /// X-GM-MSGID: Gmail's own EMAILID.
    public var gmailMessageID: UInt64?
    /// X-GM-THRID.
    public var gmailThreadID: UInt64?
    /// X-GM-LABELS, decoded.
    public var gmailLabels: [String]?
    public var body = Body.absent
    /// The sections that were kept, such as header fields.
    public var sections: [IMAPSection.Content] = []

    public init(sequenceNumber: UInt32, uid: UID? = nil) {
        self.sequenceNumber = sequenceNumber
        self.uid = uid
    }

    /// The octets of the header or of the header fields that were asked for, whichever came.
    public var header: [UInt8]? {
        sections.first { $0.section == .header || $0.section.isHeaderFields }?.bytes
    }
}
