import Diagnostics

/// What became of one recipient in one attempt.
public enum SMTPOutcome: Hashable, Sendable {
    /// The server has taken responsibility (RFC 5321 §6.1).
    case accepted(SMTPReply)
    /// Not sent; the failure says when to try again, and what waits with it: its message, or the whole direction.
    case deferred(Failure)
    /// Refused for good.
    case failed(Failure)
    /// The final dot was sent and no reply came: perhaps accepted.
    case inDoubt(Failure)

    /// The outcome of a failure before anybody could have accepted anything.
    init(_ failure: Failure) { self = failure.retry == .never ? .failed(failure) : .deferred(failure) }

    public var failure: Failure? {
        switch self {
        case .accepted: nil
        case .deferred(let failure), .failed(let failure), .inDoubt(let failure): failure
        }
    }
}

/// What became of a message in one attempt.
public struct SMTPResult: Hashable, Sendable {
    /// By the recipients' positions in the envelope.
    public var outcomes: [SMTPOutcome]

    public init(outcomes: [SMTPOutcome]) { self.outcomes = outcomes }

    /// The failure that concerns more than this message, where there is one: the direction waits, and the attempt
    /// does not count against the message.
    public var parking: Failure? {
        outcomes.lazy.compactMap(\.failure).filter { $0.scope >= .direction }.max { $0.scope < $1.scope }
    }

    public var isInDoubt: Bool { outcomes.contains { if case .inDoubt = $0 { true } else { false } } }
}
