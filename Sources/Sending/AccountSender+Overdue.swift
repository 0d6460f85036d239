import Diagnostics
import MailModel
import Store

/// Messages that waited too long.
extension AccountSender {
    /// Ends the wait of a message that is overdue.
    ///
    /// - Returns: whether it is not to be sent.
    func putAside(_ message: QueuedMessage, at now: Timestamp) async throws -> Bool {
        guard let parking = try await parking() else { return true }
        guard let overdue = Overdue(message, at: now, parking, settings) else { return false }
        try await putAside(message, overdue, at: now)
        return true
    }

    /// Ends the wait of all that are overdue: while nothing can be sent, nobody looks at them one by one.
    func putAsideOverdue() async throws {
        let now = environment.clock.now
        guard let parking = try await parking() else { return }
        for state in [QueueState.queued, .deferred] {
            var after: QueueID?
            while !Task.isCancelled {
                let page = try await environment.store.read { [accountID, after] in
                    try $0.queue.oldest(accountID, in: state, after: after, limit: Limits.dueAtOnce)
                }
                for message in page {
                    guard let overdue = Overdue(message, at: now, parking, settings) else { continue }
                    try await putAside(message, overdue, at: now)
                }
                guard let last = page.last, last.created < Overdue.threshold(at: now, settings) else { break }
                after = last.id
            }
        }
    }

    private func parking() async throws -> StoredAccount.Parking? {
        try await environment.store.read { [accountID] in try $0.accounts.find(accountID)?.parking }
    }

    private func putAside(_ message: QueuedMessage, _ overdue: Overdue, at now: Timestamp) async throws {
        let id = message.id
        switch overdue {
        case .parked:
            let reason = "Sending was parked for longer than parked_max."
            _ = try await environment.store.write { try $0.queue.hold(id, reason: reason, at: now) }
            environment.log.record(.messageHeld(account.name, queueID: id.description, by: "parked_max"))
        case .aged:
            let failure = Failure(
                .message, .never, operation: "send",
                reason: "The message waited longer than max_age and was given up.")
            _ = try await environment.store.write { try $0.queue.fail(id, reply: failure.reason, at: now) }
            environment.log.record(.messageFailed(account.name, queueID: id.description, because: failure))
        }
    }
}
