import Diagnostics
import MailModel

/// What operators, time and reports do to messages that no attempt runs for.
extension QueueTable where Access == Writing {
    /// Carries out an operator's order.
    ///
    /// - Returns: the message's state afterwards; `nil` when there is no such message.
    /// - Throws: a `Failure` of scope message when the order is against the rules; see `QueueOrder`.
    public func order(
        _ order: QueueOrder, _ id: QueueID, reason: String? = nil, at now: Timestamp
    ) throws -> QueueState? {
        guard let message = try find(id), let row = try rowID(id) else { return nil }
        switch order.effect(on: message.state) {
        case .nothing:
            return message.state
        case .refused(let why):
            throw Failure(
                .message, .never, operation: "queue \(order.rawValue)", reason: "\(id): \(why)",
                place: ["queue_id": id.description])
        case .change(let states, let state):
            if order == .retry, !message.hasBody { throw Self.bodyGone(id) }
            for from in states { try change(row, from, to: state) }
            try connection.run(
                "UPDATE messages SET hold_reason = ? WHERE id = ?", order == .hold ? reason ?? "by an operator" : nil,
                row)
            if order == .retry {
                try connection.run("UPDATE messages SET next_attempt = ? WHERE id = ?", now, row)
            }
            // Not of one that waits anyway: whoever runs `sendmail -q` now and then would keep it from ever failing.
            if state == .queued, [.held, .failed, .inDoubt].contains(message.state) { try waitAnew(row, at: now) }
            return try updateState(row, at: now)
        }
    }

    /// Somebody wants it sent after all: what made it too old, or was parked for too long, counts no more.
    private func waitAnew(_ row: Int64, at now: Timestamp) throws {
        try connection.run(
            """
            UPDATE messages SET waiting_since = ?1, parked_at_creation = (
                SELECT parked_total + CASE WHEN parked_since IS NULL THEN 0 ELSE max(0, ?1 - parked_since) END
                FROM accounts WHERE accounts.id = account)
            WHERE id = ?2
            """, now, row)
    }

    /// Puts a waiting message aside with a reason, such as a direction that was parked for too long; somebody is to be told.
    public func hold(_ id: QueueID, reason: String, at now: Timestamp) throws -> QueueState? {
        let before = try find(id)?.state
        let state = try order(.hold, id, reason: reason.clipped(toOctets: Limits.wordsOctets), at: now)
        if state == .held, before != .held, let row = try rowID(id),
            let account: AccountID = try connection.first(
                "SELECT account FROM messages WHERE id = ?", row, read: { try $0.next() })
        {
            try PutAsideTable<Writing>(connection: connection).add(.held, row, of: account, at: now)
        }
        return state
    }

    /// A waiting message got too old, or cannot be sent: its open recipients have failed.
    public func fail(_ id: QueueID, reply: String, at now: Timestamp) throws -> QueueState? {
        guard let message = try find(id), let row = try rowID(id) else { return nil }
        guard [.queued, .deferred, .held].contains(message.state) else { return message.state }
        try connection.run(
            """
            UPDATE recipients SET state = 'failed', reply = ?
            WHERE message = ? AND state IN ('queued', 'deferred', 'held')
            """, reply.clipped(toOctets: Limits.wordsOctets), row)
        return try updateState(row, at: now)
    }

    /// The doubt is over: the message was found in the mailbox, or it is certain that it was not sent.
    public func resolve(_ id: QueueID, wasSent: Bool, reply: String, at now: Timestamp) throws -> QueueState? {
        guard let row = try rowID(id) else { return nil }
        try connection.run(
            "UPDATE recipients SET state = ?, reply = ? WHERE message = ? AND state = 'in_doubt'",
            wasSent ? RecipientState.sent : .deferred, reply.clipped(toOctets: Limits.wordsOctets), row)
        guard connection.changes > 0 else { return try find(id)?.state }
        if !wasSent { try connection.run("UPDATE messages SET next_attempt = ? WHERE id = ?", now, row) }
        return try updateState(row, at: now)
    }

    /// The sender was sent a report on every recipient that failed.
    public func markBounced(_ id: QueueID) throws {
        guard let row = try rowID(id) else { return }
        try change(row, .failed, to: .bounced)
    }

    private func change(_ row: Int64, _ old: RecipientState, to new: RecipientState) throws {
        try connection.run("UPDATE recipients SET state = ? WHERE message = ? AND state = ?", new, row, old)
    }

    private static func bodyGone(_ id: QueueID) -> Failure {
        Failure(
            .message, .never, operation: "queue retry",
            reason: "\(id): its content is not kept any more (`retention:`); it must be submitted again.",
            place: ["queue_id": id.description])
    }
}
