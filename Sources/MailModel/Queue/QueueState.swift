/// The state of a message in the outbound queue: the same word in database, log, API and documentation.
public enum QueueState: String, Hashable, Sendable, CaseIterable {
    /// Accepted, not tried yet. → sending, held, cancelled.
    case queued
    /// Tried, and tried again later. → sending, held, failed (when too old), cancelled.
    case deferred
    /// An attempt runs. → sent, deferred, failed, in_doubt; queued when the attempt does not count.
    case sending
    /// The final dot was sent and its reply lost. → sent or deferred when resolved, queued by retry, cancelled.
    case inDoubt = "in_doubt"
    /// Waits for an operator. → queued by release, cancelled.
    case held
    /// Every recipient was accepted. Final.
    case sent
    /// At least one recipient was refused for good. Final, unless retried by an operator.
    case failed
    /// By an operator. Final.
    case cancelled

    /// Something is still to be done or decided.
    public var isOpen: Bool {
        switch self {
        case .queued, .deferred, .sending, .inDoubt, .held: true
        case .sent, .failed, .cancelled: false
        }
    }

    /// The state of a message whose recipients are in these states: open while any recipient is open.
    ///
    /// Where several are open, the one an operator should know of first counts.
    public init(of recipients: some Collection<RecipientState>) {
        let order: [(RecipientState, QueueState)] = [
            (.sending, .sending), (.inDoubt, .inDoubt), (.held, .held), (.deferred, .deferred), (.queued, .queued),
            (.failed, .failed), (.bounced, .failed), (.cancelled, .cancelled),
        ]
        self = order.first { recipients.contains($0.0) }?.1 ?? .sent
    }
}
