import Diagnostics
import MailModel

/// What UID SEARCH can look for (RFC 3501 §6.4.4).
public enum IMAPSearchKey: Hashable, Sendable {
    case all
    /// `UID n:*`. The server also names its newest message when that is below `n`: whoever asks must filter.
    case from(UID)
    case uids(ClosedRange<UID>)
    /// Received on that UTC day or later. Servers compare days in time zones of their own: ask one day earlier.
    case since(Timestamp)
    case before(Timestamp)
    /// The field has the text in it, without regard to case. ASCII only: Exchange knows no other charset.
    case header(name: String, contains: String)
    /// Marked \Deleted, by whomever.
    case deleted
    case undeleted
    case unseen

    var parts: [IMAPCommand.Part] {
        switch self {
        case .all: [.text("ALL")]
        case .from(let uid): [.text("UID \(uid):*")]
        case .uids(let range): [.text("UID \(range.lowerBound):\(range.upperBound)")]
        case .since(let moment): [.text("SINCE \(IMAPDate.date(moment))")]
        case .before(let moment): [.text("BEFORE \(IMAPDate.date(moment))")]
        case .header(let name, let text):
            [.text("HEADER "), .string(Array(name.utf8)), .text(" "), .string(Array(text.utf8))]
        case .deleted: [.text("DELETED")]
        case .undeleted: [.text("UNDELETED")]
        case .unseen: [.text("UNSEEN")]
        }
    }
}
