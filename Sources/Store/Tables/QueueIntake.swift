import Crypto
import Diagnostics
import MailModel

/// How messages come into the queue.
extension QueueTable where Access == Writing {
    /// Writes a message down. Once this is committed it is Postbote's to send.
    ///
    /// - Throws: a `Failure` of scope message that is never to be retried when the envelope is not acceptable, or the
    ///   idempotency key was used for another message.
    public func accept(_ submission: Submission, body: QueueBody, at now: Timestamp) throws -> Receipt {
        try check(submission)
        let fingerprint = Self.fingerprint(submission, body)
        if let known = try earlier(submission, fingerprint) { return Receipt(id: known, isNew: false) }
        guard let account = try transaction.accounts.find(submission.account) else {
            throw Self.refusal("There is no such account.")
        }
        let place: BodyPlace = if case .row = body.content { .row } else { .file }
        try connection.run(
            """
            INSERT INTO messages (queue_id, account, reverse_path, message_id, size, eight_bit, smtp_utf8, body_kind,
                body_hash, idempotency_key, request_hash, priority, not_before, created, parked_at_creation, state,
                next_attempt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, body.id, submission.account, submission.reversePath, submission.messageID, body.size,
            submission.needs8BitMIME, submission.needsSMTPUTF8, place, body.hash, submission.idempotencyKey,
            fingerprint, submission.priority, submission.notBefore, now, account.parking.elapsed(at: now),
            QueueState.queued, max(now, submission.notBefore ?? now))
        let row = connection.lastInsertedRow
        try addRecipients(submission.recipients, to: row)
        if case .row(let content) = body.content {
            try connection.run("INSERT INTO bodies (message, content) VALUES (?, ?)", row, content)
        }
        body.keep()
        return Receipt(id: body.id, isNew: true)
    }

    private func addRecipients(_ recipients: [String], to row: Int64) throws {
        let insert = try connection.statement(
            "INSERT INTO recipients (message, position, address, state) VALUES (?, ?, ?, ?)")
        for (position, address) in recipients.enumerated() {
            try insert.run(row, position, address, RecipientState.queued)
        }
    }

    /// The message accepted under this key before, if it is the same one.
    private func earlier(_ submission: Submission, _ fingerprint: [UInt8]) throws -> QueueID? {
        guard let key = submission.idempotencyKey else { return nil }
        let known = try connection.first(
            "SELECT queue_id, request_hash FROM messages WHERE account = ? AND idempotency_key = ?",
            submission.account,
            key
        ) { row in (id: try row.next(QueueID.self), hash: try row.next([UInt8].self)) }
        guard let known else { return nil }
        guard known.hash == fingerprint else {
            throw Self.refusal("The idempotency key was used for another message, \(known.id), before.")
                .at("queue_id", known.id.description)
        }
        return known.id
    }

    private func check(_ submission: Submission) throws {
        guard !submission.recipients.isEmpty else { throw Self.refusal("The message has no recipient.") }
        guard submission.recipients.count <= Limits.recipientsPerMessage else {
            throw Self.refusal("The message has more than \(Limits.recipientsPerMessage) recipients.")
        }
        let addresses = [submission.reversePath] + submission.recipients
        guard addresses.allSatisfy({ $0.utf8.count <= Limits.addressOctets }) else {
            throw Self.refusal("An address is longer than \(Limits.addressOctets) octets.")
        }
        guard (submission.idempotencyKey?.utf8.count ?? 1) <= Limits.idempotencyKeyOctets else {
            throw Self.refusal("The idempotency key is longer than \(Limits.idempotencyKeyOctets) octets.")
        }
        guard Limits.priorities.contains(submission.priority) else {
            throw Self.refusal("The priority must lie between -9 and 9.")
        }
    }

    /// What makes two submissions the same: content and envelope. Each value has its length before it, so that no two
    /// envelopes look alike.
    private static func fingerprint(_ submission: Submission, _ body: QueueBody) -> [UInt8] {
        var hash = SHA256()
        hash.update(data: body.hash.bytes)
        for text in [submission.reversePath] + submission.recipients {
            let bytes = Array(text.utf8)
            withUnsafeBytes(of: UInt64(bytes.count).bigEndian) { hash.update(bufferPointer: $0) }
            hash.update(data: bytes)
        }
        return Array(hash.finalize())
    }

    private static func refusal(_ reason: String) -> Failure {
        Failure(.message, .never, operation: "accept", reason: reason)
    }
}
