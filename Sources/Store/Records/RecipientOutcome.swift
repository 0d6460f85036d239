import MailModel

/// What an attempt meant for one recipient.
public enum RecipientOutcome: Hashable, Sendable {
    /// The server took responsibility (RFC 5321 §6.1).
    case sent(reply: String)
    /// 4xx, or the connection ended before the final dot.
    case deferred(reply: String)
    /// 5xx.
    case failed(reply: String)
    /// The final dot was sent and its reply lost.
    case inDoubt(reason: String)

    var state: RecipientState {
        switch self {
        case .sent: .sent
        case .deferred: .deferred
        case .failed: .failed
        case .inDoubt: .inDoubt
        }
    }

    /// The provider may have counted it.
    var mayBeTaken: Bool {
        switch self {
        case .sent, .inDoubt: true
        case .deferred, .failed: false
        }
    }

    var words: String {
        switch self {
        case .sent(let words), .deferred(let words), .failed(let words), .inDoubt(let words): words
        }
    }
}
