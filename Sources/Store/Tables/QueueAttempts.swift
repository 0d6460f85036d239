import Diagnostics
import MailModel

/// The life of an attempt: begun, marked just before the final dot, finished; or found unfinished after a crash.
extension QueueTable where Access == Writing {
    /// Records an attempt with the next try already in the future, before the server is contacted: a crash while it runs
    /// neither loses the message nor hammers the server.
    ///
    /// - Returns: `nil` when the message is not waiting any more.
    public func beginAttempt(_ id: QueueID, nextTry: Timestamp, at now: Timestamp) throws -> SendingAttempt? {
        try connection.run(
            """
            UPDATE messages SET state = 'sending', next_attempt = ?, attempts = attempts + 1
            WHERE queue_id = ? AND state IN ('queued', 'deferred')
            """, nextTry, id)
        guard connection.changes == 1, let row = try rowID(id), let message = try find(id) else { return nil }
        try connection.run(
            """
            UPDATE recipients SET state = 'sending', attempts = attempts + 1
            WHERE message = ? AND state IN ('queued', 'deferred')
            """, row)
        let number: Int = try connection.value(
            "SELECT coalesce(max(number), 0) + 1 FROM attempts WHERE message = ?", row)
        let recipients = try recipients(id).filter { $0.state == .sending }
        try connection.run(
            """
            INSERT INTO attempts (message, number, started, next_try, account, recipients)
            VALUES (?, ?, ?, ?, ?, ?)
            """, row, number, now, nextTry, message.account, recipients.count)
        return SendingAttempt(message: message, number: number, recipients: recipients)
    }

    /// The final dot is about to be sent: from the commit on, a lost reply makes the accepted recipients in doubt.
    ///
    /// - Parameter outcomes: recipients the server has already refused; they are never in doubt.
    /// - Returns: `false` when the attempt is over already: then the dot must not be sent.
    public func commitMarker(
        _ id: QueueID, attempt number: Int, outcomes: [Int: RecipientOutcome] = [:], at now: Timestamp
    ) throws -> Bool {
        guard let row = try openAttempt(id, number)?.row else { return false }
        for (position, outcome) in outcomes { try settle(row, position, outcome) }
        try connection.run("UPDATE attempts SET marker = ? WHERE message = ? AND number = ?", now, row, number)
        return true
    }

    /// Records how an attempt ended, and what that makes of the message.
    ///
    /// - Returns: the message's state; `nil` when the attempt was finished before, and nothing was changed.
    @discardableResult
    public func finishAttempt(
        _ id: QueueID, attempt number: Int, _ report: AttemptReport, at now: Timestamp
    ) throws -> QueueState? {
        guard let row = try openAttempt(id, number)?.row else { return nil }
        return try finish(row, number, report, at: now)
    }

    /// What was found unfinished after a start.
    public struct Interrupted: Hashable, Sendable {
        public let id: QueueID
        public let state: QueueState
    }

    /// Ends attempts that a crash cut off, at most `limit`; call it until it returns none, before anything is sent.
    ///
    /// Without marker the server cannot have taken the message: it waits for its recorded next try. With one, its fate is
    /// unknown: in doubt.
    public func endInterrupted(at now: Timestamp, limit: Int = .max) throws -> [Interrupted] {
        let open = try connection.all(
            """
            SELECT queue_id, messages.id, number, marker IS NOT NULL
            FROM attempts JOIN messages ON messages.id = message WHERE attempts.finished IS NULL
            ORDER BY message LIMIT ?
            """, min(limit, Limits.page)
        ) { row in
            (
                id: try row.next(QueueID.self), row: try row.next(Int64.self), number: try row.next(Int.self),
                isMarked: try row.next(Bool.self)
            )
        }
        return try open.map { attempt in
            let outcome: RecipientOutcome =
                attempt.isMarked
                ? .inDoubt(reason: "Postbote was stopped between the final dot and its reply.")
                : .deferred(reply: "Postbote was stopped during the attempt.")
            let state = try finish(attempt.row, attempt.number, AttemptReport(others: outcome), at: now)
            return Interrupted(id: attempt.id, state: state)
        }
    }

    // MARK: Parts

    private func openAttempt(_ id: QueueID, _ number: Int) throws -> (row: Int64, nextTry: Timestamp)? {
        try connection.first(
            """
            SELECT message, next_try FROM attempts JOIN messages ON messages.id = message
            WHERE queue_id = ? AND number = ? AND attempts.finished IS NULL
            """, id, number
        ) { row in (try row.next(), try row.next()) }
    }

    private func finish(
        _ row: Int64, _ number: Int, _ report: AttemptReport, at now: Timestamp
    ) throws -> QueueState {
        var taken = 0
        for (position, outcome) in report.outcomes {
            let isChanged = try settle(row, position, outcome)
            if isChanged, outcome.mayBeTaken { taken += 1 }
        }
        try connection.run(
            "UPDATE recipients SET state = ?, reply = ? WHERE message = ? AND state = 'sending'", report.others.state,
            report.others.words.clipped(toOctets: Limits.wordsOctets), row)
        if report.others.mayBeTaken { taken += connection.changes }
        if !report.counts { try uncount(row) }
        if let nextTry = report.nextTry {
            try connection.run("UPDATE messages SET next_attempt = ? WHERE id = ?", nextTry, row)
        }
        let state = try updateState(row, at: now)
        try connection.run(
            """
            UPDATE attempts SET finished = ?, outcome = ?, reply = ?, recipients = ? WHERE message = ? AND number = ?
            """, now, state, report.words.clipped(toOctets: Limits.wordsOctets), taken, row, number)
        return state
    }

    /// Only a recipient that is being tried can be settled, so a late report changes nothing.
    ///
    /// - Returns: whether it was.
    @discardableResult
    private func settle(_ row: Int64, _ position: Int, _ outcome: RecipientOutcome) throws -> Bool {
        try connection.run(
            "UPDATE recipients SET state = ?, reply = ? WHERE message = ? AND position = ? AND state = 'sending'",
            outcome.state, outcome.words.clipped(toOctets: Limits.wordsOctets), row, position)
        return connection.changes > 0
    }

    /// The attempt did not count: whoever was never tried otherwise is `queued` again.
    private func uncount(_ row: Int64) throws {
        try connection.run("UPDATE messages SET attempts = max(0, attempts - 1) WHERE id = ?", row)
        try connection.run(
            """
            UPDATE recipients SET attempts = max(0, attempts - 1),
                state = CASE WHEN attempts <= 1 THEN 'queued' ELSE 'deferred' END
            WHERE message = ? AND state = 'deferred'
            """, row)
    }

    /// The one place that derives a message's state from its recipients.
    @discardableResult
    func updateState(_ row: Int64, at now: Timestamp) throws -> QueueState {
        let recipients = try connection.all("SELECT DISTINCT state FROM recipients WHERE message = ?", row) {
            try $0.next(RecipientState.self)
        }
        let state = QueueState(of: recipients)
        try connection.run(
            "UPDATE messages SET state = ?, finished = ? WHERE id = ?", state, state.isOpen ? nil : now, row)
        return state
    }
}
