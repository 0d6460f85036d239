import Diagnostics
import MailModel
import MailProtocol
import Store

/// What an attempt means for the message, and how it is told.
extension AccountSender {
    /// The wait before a message is tried again after so many attempts.
    func wait(after attempts: Int) -> Duration { RetrySchedule.wait(after: attempts, using: &generator) }

    func outcome(of result: SMTPResult, _ attempt: SendingAttempt) -> AttemptOutcome {
        AttemptOutcome(result, of: attempt, at: environment.clock.now) { hint in
            RetrySchedule.wait(after: attempt.message.attempts, hint: hint, using: &generator)
        }
    }

    /// One line for the message's fate, and one for each recipient that fared otherwise.
    func tell(_ state: QueueState?, of attempt: SendingAttempt, _ outcome: AttemptOutcome) {
        let id = attempt.message.id.description
        let now = environment.clock.now
        for recipient in attempt.recipients {
            guard let fate = outcome.outcomes[recipient.position] else { continue }
            switch fate {
            case .accepted(let reply):
                environment.log.record(
                    .recipientSent(
                        account.name, queueID: id, recipient: recipient.address, serverLine: reply.serverLine))
            case .deferred(let failure):
                environment.log.record(
                    .recipientDeferred(account.name, queueID: id, recipient: recipient.address, because: failure))
            case .failed(let failure):
                environment.log.record(
                    .recipientFailed(account.name, queueID: id, recipient: recipient.address, because: failure))
            case .inDoubt(let failure):
                environment.log.record(.messageInDoubt(account.name, queueID: id, because: failure))
            }
        }
        let failure = outcome.outcomes.values.compactMap(\.failure).first
        switch state {
        case .sent:
            countSent()
            let line = outcome.outcomes.values.lazy.compactMap(\.acceptance).first
            environment.log.record(
                .messageSent(
                    account.name, queueID: id, attempt: attempt.number, after: now - attempt.message.created,
                    serverLine: line))
        case .failed:
            if let failure { environment.log.record(.messageFailed(account.name, queueID: id, because: failure)) }
        case .deferred, .queued:
            guard let failure else { return }
            environment.log.record(
                .messageDeferred(
                    account.name, queueID: id, attempt: attempt.number, next: outcome.report.nextTry ?? now,
                    because: failure))
        case .sending, .inDoubt, .held, .cancelled, nil: return
        }
    }
}

extension SMTPOutcome {
    fileprivate var acceptance: String? {
        if case .accepted(let reply) = self { reply.serverLine } else { nil }
    }
}
