import Diagnostics
import MailModel

/// What a purge removed.
public struct Purged: Hashable, Sendable {
    /// Messages whose content went.
    public var bodies = 0
    /// Messages that went altogether, with their history and idempotency key.
    public var messages = 0
}

/// How finished messages leave.
extension QueueTable where Access == Writing {
    /// Removes what `retention:` does not keep any more, at most `limit` messages of each kind; call it until it
    /// removes nothing. Files go after the commit; a crash in between leaves them to the next start.
    public func purge(_ retention: RetentionSettings, at now: Timestamp, limit: Int) throws -> Purged {
        let history = now - retention.history
        let old = try connection.all(
            """
            SELECT id, queue_id, body_kind FROM messages INDEXED BY messages_kept
            WHERE finished IS NOT NULL AND body_kind <> 'none' AND finished <= ?1
                AND (state = 'sent' AND finished <= ?2 OR state <> 'sent' AND finished <= ?3 OR finished <= ?4)
            ORDER BY finished LIMIT ?5
            """, now, now - retention.sent, now - retention.failed, history, limit
        ) { row in
            (row: try row.next(Int64.self), id: try row.next(QueueID.self), place: try row.next(BodyPlace.self))
        }
        for message in old {
            try connection.run("DELETE FROM bodies WHERE message = ?", message.row)
            try connection.run("UPDATE messages SET body_kind = 'none' WHERE id = ?", message.row)
        }
        try connection.run(
            """
            DELETE FROM messages WHERE id IN (SELECT id FROM messages
                WHERE finished IS NOT NULL AND finished <= ? AND body_kind = 'none' ORDER BY finished LIMIT ?)
            """, history, limit)
        let files = old.filter { $0.place == .file }.map(\.id)
        if !files.isEmpty { transaction.onCommit { [spool = transaction.spool] in spool.remove(files) } }
        return Purged(bodies: old.count, messages: connection.changes)
    }
}
