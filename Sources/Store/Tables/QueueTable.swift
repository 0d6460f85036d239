import Diagnostics
import MailModel

/// The outbound queue: messages, their recipients and attempts.
public struct QueueTable<Access> {
    let transaction: Transaction<Access>
    var connection: Connection { transaction.connection }

    public func find(_ id: QueueID) throws -> QueuedMessage? {
        try connection.first("\(Self.select) WHERE queue_id = ?", id, read: Self.message)
    }

    /// The message accepted under an idempotency key.
    public func find(_ account: AccountID, idempotencyKey: String) throws -> QueuedMessage? {
        try connection.first(
            "\(Self.select) WHERE account = ? AND idempotency_key = ?", account, idempotencyKey, read: Self.message)
    }

    public func recipients(_ id: QueueID) throws -> [QueuedRecipient] {
        try connection.all(
            """
            SELECT position, address, recipients.state, recipients.attempts, reply
            FROM recipients JOIN messages ON messages.id = message WHERE queue_id = ? ORDER BY position
            """, id, read: Self.recipient)
    }

    /// The newest attempts, newest first.
    public func attempts(_ id: QueueID) throws -> [AttemptRecord] {
        try connection.all(
            """
            SELECT number, started, next_try, marker, attempts.finished, outcome, reply
            FROM attempts JOIN messages ON messages.id = message WHERE queue_id = ?
            ORDER BY number DESC LIMIT \(Limits.attemptsShown)
            """, id
        ) { row in
            AttemptRecord(
                number: try row.next(), started: try row.next(), nextTry: try row.next(), marker: try row.next(),
                finished: try row.next(), outcome: try row.next(), reply: try row.next())
        }
    }

    // MARK: What was sent

    /// When the server took a message of this Message-ID, for all its recipients or some; `nil`: none is known.
    ///
    /// - Parameter messageID: in angle brackets.
    public func sent(_ account: AccountID, messageID: String) throws -> Timestamp? {
        try connection.first(
            """
            SELECT max(finished) FROM messages INDEXED BY messages_message_id
            WHERE account = ? AND message_id = ? AND finished IS NOT NULL AND EXISTS (
                SELECT 1 FROM recipients WHERE message = messages.id AND recipients.state = 'sent')
            """, account, messageID
        ) { try $0.next(Timestamp?.self) } ?? nil
    }

    /// Whether any message was over by `moment`.
    public func hasSent(_ account: AccountID, before moment: Timestamp) throws -> Bool {
        try connection.value(
            """
            SELECT EXISTS (
                SELECT 1 FROM messages INDEXED BY messages_account_finished
                WHERE account = ? AND finished IS NOT NULL AND finished <= ?)
            """, account, moment)
    }

    // MARK: What to send

    /// Messages of the account that may be tried now: by priority, then the one that waits longest.
    public func due(_ account: AccountID, at now: Timestamp, limit: Int) throws -> [QueuedMessage] {
        var due: [QueuedMessage] = []
        for priority in try waitingPriorities(account) where due.count < limit {
            due += try connection.all(
                """
                \(Self.select) WHERE account = ? AND priority = ? AND state IN ('queued', 'deferred')
                    AND next_attempt <= ?
                ORDER BY next_attempt, id LIMIT ?
                """, account, priority, now, min(limit, Limits.page) - due.count, read: Self.message)
        }
        return due
    }

    /// When the account's next message may be tried; `nil`: none waits.
    public func nextDue(_ account: AccountID) throws -> Timestamp? {
        try waitingPriorities(account).compactMap { priority in
            try connection.first(
                """
                SELECT next_attempt FROM messages
                WHERE account = ? AND priority = ? AND state IN ('queued', 'deferred') ORDER BY next_attempt LIMIT 1
                """, account, priority
            ) { try $0.next(Timestamp.self) }
        }.min()
    }

    /// Highest first. One step through the index for each: a queue may hold a million messages and has few priorities.
    private func waitingPriorities(_ account: AccountID) throws -> [Int] {
        var priorities: [Int] = []
        var below = Limits.priorities.upperBound + 1
        while true {
            let next: Int? = try connection.first(
                """
                SELECT priority FROM messages
                WHERE account = ? AND priority < ? AND state IN ('queued', 'deferred') ORDER BY priority DESC LIMIT 1
                """, account, below
            ) { try $0.next() }
            guard let next else { return priorities }
            priorities.append(next)
            below = next
        }
    }

    /// What the account's attempts took of its provider's limits since `moment`, oldest first: one entry for each minute,
    /// so that a day is few rows whatever was sent in it.
    public func spent(_ account: AccountID, since moment: Timestamp) throws -> [Spending] {
        try connection.all(
            """
            SELECT max(started), count(*), sum(recipients) FROM attempts INDEXED BY attempts_spent
            WHERE account = ? AND started > ? GROUP BY started / 60000 ORDER BY started / 60000
            """, account, moment
        ) { row in Spending(at: try row.next(), messages: try row.next(), recipients: try row.next()) }
    }

    /// The account's messages in an open state in the order in which they were accepted, those after `id` only: to find
    /// the ones that waited too long although nothing can be tried.
    public func oldest(
        _ account: AccountID, in state: QueueState, after id: QueueID? = nil, limit: Int
    ) throws -> [QueuedMessage] {
        precondition(state.isOpen, "history is not waited for")
        let after = try id.flatMap { try rowID($0) } ?? 0
        // The index has the rows of one account and state in the order of their numbers: nothing is sorted.
        return try connection.all(
            """
            \(Self.select) INDEXED BY messages_open
            WHERE finished IS NULL AND account = ? AND state = ? AND id > ? ORDER BY id LIMIT ?
            """, account, state, after, min(limit, Limits.page), read: Self.message)
    }

    // MARK: What to show

    /// Messages above `after` in the order of their ids, at most `limit`; without `state` the open ones and those that
    /// failed, which nobody may have been told of yet.
    public func list(
        account: AccountID? = nil, state: QueueState? = nil, after id: QueueID? = nil, limit: Int = .max
    ) throws -> [QueuedMessage] {
        let after = id?.description ?? ""
        let limit = min(limit, Limits.page)
        guard let state else {
            let both = try open(account, nil, after, limit) + failed(account, after, limit)
            return Array(both.sorted { $0.id.description < $1.id.description }.prefix(limit))
        }
        if state.isOpen { return try open(account, state, after, limit) }
        if state == .failed { return try failed(account, after, limit) }
        return try connection.all(
            """
            \(Self.select) WHERE finished IS NOT NULL AND (?1 IS NULL OR account = ?1) AND state = ?2
                AND queue_id > ?3
            ORDER BY queue_id LIMIT ?4
            """, account, state, after, limit, read: Self.message)
    }

    /// From the index of the open ones: history, which is longer, is not walked through.
    private func open(
        _ account: AccountID?, _ state: QueueState?, _ after: String, _ limit: Int
    ) throws -> [QueuedMessage] {
        try connection.all(
            """
            \(Self.select) INDEXED BY messages_open WHERE finished IS NULL AND (?1 IS NULL OR account = ?1)
                AND (?2 IS NULL OR state = ?2) AND queue_id > ?3
            ORDER BY queue_id LIMIT ?4
            """, account, state, after, limit, read: Self.message)
    }

    private func failed(_ account: AccountID?, _ after: String, _ limit: Int) throws -> [QueuedMessage] {
        try connection.all(
            """
            \(Self.select) INDEXED BY messages_failed WHERE state = 'failed' AND (?1 IS NULL OR account = ?1)
                AND queue_id > ?2
            ORDER BY queue_id LIMIT ?3
            """, account, after, limit, read: Self.message)
    }

    /// How many messages of the account are in each open state, and how many that failed are still remembered.
    public func counts(_ account: AccountID) throws -> [QueueState: Int] {
        let counts = try connection.all(
            "SELECT state, count(*) FROM messages WHERE finished IS NULL AND account = ? GROUP BY state", account
        ) { row in (try row.next(QueueState.self), try row.next(Int.self)) }
        let failed: Int = try connection.value(
            "SELECT count(*) FROM messages INDEXED BY messages_failed WHERE state = 'failed' AND account = ?", account
        )
        return Dictionary(counts + (failed > 0 ? [(.failed, failed)] : [])) { first, _ in first }
    }

    /// When the open message that has waited longest was accepted; `nil`: none is open.
    public func oldestOpen() throws -> Timestamp? {
        try connection.value("SELECT min(created) FROM messages INDEXED BY messages_open WHERE finished IS NULL")
    }

    /// Finished messages with recipients that failed, whose sender was not told yet. Reports themselves are never
    /// reported on (RFC 5321 §6.1).
    public func owingReports(limit: Int = .max) throws -> [QueuedMessage] {
        try connection.all(
            """
            \(Self.select) WHERE id IN (SELECT message FROM recipients WHERE state = 'failed')
                AND finished IS NOT NULL AND reverse_path <> ''
            ORDER BY id LIMIT ?
            """, min(limit, Limits.page), read: Self.message)
    }

    // MARK: Rows

    func rowID(_ id: QueueID) throws -> Int64? {
        try connection.first("SELECT id FROM messages WHERE queue_id = ?", id) { try $0.next() }
    }

    /// What a message's content is kept as.
    enum BodyPlace: String, ColumnWord {
        case row, file, none
    }

    func bodyPlace(_ id: QueueID) throws -> (place: BodyPlace, size: Int64)? {
        try connection.first("SELECT body_kind, size FROM messages WHERE queue_id = ?", id) { row in
            (try row.next(), try row.next())
        }
    }

    func bodyRow(_ id: QueueID) throws -> [UInt8] {
        try connection.value(
            "SELECT content FROM bodies JOIN messages ON messages.id = message WHERE queue_id = ?", id)
    }

    static var select: String {
        """
        SELECT queue_id, account, reverse_path, message_id, size, eight_bit, smtp_utf8, body_kind <> 'none',
            idempotency_key, priority, not_before, created, state, next_attempt, attempts, hold_reason, finished,
            parked_at_creation, coalesce(waiting_since, created)
        FROM messages
        """
    }

    static func message(_ row: inout Row) throws -> QueuedMessage {
        QueuedMessage(
            id: try row.next(), account: try row.next(), reversePath: try row.next(), messageID: try row.next(),
            size: try row.next(), needs8BitMIME: try row.next(), needsSMTPUTF8: try row.next(),
            hasBody: try row.next(), idempotencyKey: try row.next(), priority: try row.next(),
            notBefore: try row.next(), created: try row.next(), state: try row.next(), nextAttempt: try row.next(),
            attempts: try row.next(), holdReason: try row.next(), finished: try row.next(),
            parkedAtCreation: try row.next(), waitingSince: try row.next())
    }

    static func recipient(_ row: inout Row) throws -> QueuedRecipient {
        QueuedRecipient(
            position: try row.next(), address: try row.next(), state: try row.next(), attempts: try row.next(),
            reply: try row.next())
    }
}
