import Diagnostics
import MailProtocol
import Store

/// What a submission meant, in the queue's words.
struct AttemptOutcome {
    /// What concerns more than the message: the direction waits, and nothing is counted against the message.
    let parking: Failure?
    let report: AttemptReport
    /// By the recipient's position in the queue.
    let outcomes: [Int: SMTPOutcome]

    /// How many recipients the server took or may have taken: what counts against the provider's limits.
    var taken: Int {
        outcomes.values.count { outcome in
            switch outcome {
            case .accepted, .inDoubt: true
            case .deferred, .failed: false
            }
        }
    }

    /// - Parameters:
    ///   - result: by position in the envelope.
    ///   - attempt: whose recipients the envelope named, in this order.
    ///   - retry: when what was deferred is tried again; the wait after `hint`, where a server gave one.
    init(_ result: SMTPResult, of attempt: SendingAttempt, at now: Timestamp, retry: (_ hint: Duration?) -> Duration)
    {
        parking = result.parking
        outcomes = Dictionary(uniqueKeysWithValues: zip(attempt.recipients.map(\.position), result.outcomes))
        let hints = result.outcomes.compactMap { outcome -> Duration? in
            guard case .deferred(let failure) = outcome, case .later(let hint) = failure.retry else { return nil }
            return hint
        }
        let isOver = result.outcomes.allSatisfy { if case .deferred = $0 { false } else { true } }
        // A parked direction lets nothing through before it is probed, so its messages are due at once when it opens.
        let isParked = parking != nil && !result.isInDoubt
        report = AttemptReport(
            outcomes: outcomes.mapValues(RecipientOutcome.init), others: .deferred(reply: "not tried"),
            nextTry: isOver ? nil : isParked ? now : now + retry(hints.max()), counts: !isParked)
    }
}

extension RecipientOutcome {
    init(_ outcome: SMTPOutcome) {
        switch outcome {
        case .accepted(let reply): self = .sent(reply: reply.serverLine)
        case .deferred(let failure): self = .deferred(reply: failure.serverLine ?? failure.reason)
        case .failed(let failure): self = .failed(reply: failure.serverLine ?? failure.reason)
        case .inDoubt(let failure): self = .inDoubt(reason: failure.reason)
        }
    }
}
