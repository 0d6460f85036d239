/// What can be asked of a message with UID FETCH. Nothing here marks it as seen.
public enum IMAPFetchAttribute: Hashable, Sendable {
    case uid
    case flags
    case internalDate
    /// RFC822.SIZE: on Exchange an estimate.
    case size
    /// The whole message.
    case body
    /// `count` octets of the whole message from `origin` on.
    case partialBody(origin: UInt32, count: UInt32)
    case header
    case headerFields([String])
    /// RFC 7162, only with CONDSTORE.
    case modSeq
    /// RFC 8474, only with OBJECTID.
    case emailID
    case threadID
    /// Gmail only.
    case gmailMessageID
    case gmailThreadID
    case gmailLabels
}

extension IMAPFetchAttribute: CustomStringConvertible {
    /// As it is sent.
    public var description: String {
        switch self {
        case .uid: "UID"
        case .flags: "FLAGS"
        case .internalDate: "INTERNALDATE"
        case .size: "RFC822.SIZE"
        case .body: "BODY.PEEK[]"
        case .partialBody(let origin, let count): "BODY.PEEK[]<\(origin).\(count)>"
        case .header: "BODY.PEEK[HEADER]"
        case .headerFields(let names): "BODY.PEEK[HEADER.FIELDS (\(names.joined(separator: " ")))]"
        case .modSeq: "MODSEQ"
        case .emailID: "EMAILID"
        case .threadID: "THREADID"
        case .gmailMessageID: "X-GM-MSGID"
        case .gmailThreadID: "X-GM-THRID"
        case .gmailLabels: "X-GM-LABELS"
        }
    }
}
