import Diagnostics

/// What tells one message from another without its body.
public struct MessageSummary: Hashable, Sendable {
    public var uid: UID
    /// Octets as the server says. Exchange estimates: good for a limit, never for a check of completeness.
    public var size: Int64?
    /// The few fields that decide which message it is; `nil` when the server sent none.
    public var headers: MessageHeaders?
    /// EMAILID, which follows a message across moves (RFC 8474 §5.1).
    public var emailID: String?
    /// X-GM-MSGID.
    public var gmailMessageID: UInt64?
    /// INTERNALDATE: when the server got the message (RFC 3501 §2.3.3). Moves change it with some servers: never a part of
    /// a message's identity.
    public var internalDate: Timestamp?

    public init(
        uid: UID, size: Int64? = nil, headers: MessageHeaders? = nil, emailID: String? = nil,
        gmailMessageID: UInt64? = nil, internalDate: Timestamp? = nil
    ) {
        self.uid = uid
        self.size = size
        self.headers = headers
        self.emailID = emailID
        self.gmailMessageID = gmailMessageID
        self.internalDate = internalDate
    }
}
