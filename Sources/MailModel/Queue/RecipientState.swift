/// The state of one recipient of a message in the outbound queue.
public enum RecipientState: String, Hashable, Sendable, CaseIterable {
    /// → sending, held, failed, cancelled.
    case queued
    /// → sending, held, failed, cancelled.
    case deferred
    /// → sent, deferred, failed, in_doubt; queued when the attempt does not count.
    case sending
    /// → sent, deferred, queued, cancelled.
    case inDoubt = "in_doubt"
    /// → queued, cancelled.
    case held
    /// Final.
    case sent
    /// → bounced; queued by an operator's retry.
    case failed
    /// Final.
    case cancelled
    /// The sender was sent a report. Final.
    case bounced

    public var isOpen: Bool {
        switch self {
        case .queued, .deferred, .sending, .inDoubt, .held: true
        case .sent, .failed, .cancelled, .bounced: false
        }
    }
}
