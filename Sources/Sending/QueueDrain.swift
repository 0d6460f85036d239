import Diagnostics
import MailModel
import MailProtocol
import Sessions
import Store

/// One connection's work: takes messages one after the other until there are none, or until the server has had enough.
///
/// Per message there are two commits: the attempt with its next try, together with how the message before it ended; and
/// the marker just before the final dot.
struct QueueDrain {
    let sender: AccountSender
    /// Whether the connection is kept for a while when the queue is empty: signing in costs more than sending.
    let lingers: Bool

    func run() async {
        var submitter: (any Submitter)?
        do {
            if await sender.status.health.failure != nil { submitter = try await probe() }
            repeat {
                while let message = try await sender.nextMessage() {
                    if await submitter?.isUsable != true {
                        await submitter?.close()
                        submitter = nil
                        submitter = try await open()
                    }
                    guard let open = submitter, try await send(message, through: open) else {
                        await submitter?.close()
                        return
                    }
                }
            } while await waitsForMore(submitter)
        } catch let failure as Failure {
            await sender.failed(with: failure)
        } catch {
            // Cancelled: whatever was begun has its next try recorded.
        }
        await submitter?.close()
    }

    private func waitsForMore(_ submitter: (any Submitter)?) async -> Bool {
        guard lingers, submitter != nil else { return false }
        return await sender.linger()
    }

    /// Sees whether what was wrong is mended, before any message is touched.
    private func probe() async throws -> any Submitter {
        let submitter = try await open()
        await sender.succeeded()
        return submitter
    }

    private func open() async throws -> any Submitter { try await sender.connector.open() }

    /// - Returns: whether the connection may take another message.
    private func send(_ message: QueuedMessage, through submitter: any Submitter) async throws -> Bool {
        let store = sender.environment.store
        let clock = sender.environment.clock
        let nextTry = clock.now + (await sender.wait(after: message.attempts + 1))
        let attempt = try await store.write {
            try $0.queue.beginAttempt(message.id, nextTry: nextTry, at: clock.now)
        }
        await sender.release(message.id)
        // Held, cancelled or taken by an order meanwhile.
        guard let attempt else { return true }
        let result = await submit(attempt, through: submitter)
        let outcome = await sender.outcome(of: result, attempt)
        let state = try await store.write {
            try $0.queue.finishAttempt(message.id, attempt: attempt.number, outcome.report, at: clock.now)
        }
        await sender.tell(state, of: attempt, outcome)
        if let parking = outcome.parking {
            await sender.failed(with: parking)
            return false
        }
        await sender.succeeded()
        return true
    }

    private func submit(_ attempt: SendingAttempt, through submitter: any Submitter) async -> SMTPResult {
        let store = sender.environment.store
        let clock = sender.environment.clock
        let message = attempt.message
        do {
            let envelope = try attempt.envelope()
            let body = try await store.body(of: message.id)
            return await submitter.submit(envelope, content: QueuedContent(body: body)) { settled in
                // Recipients that the server has refused already are never in doubt.
                let outcomes = Dictionary(
                    uniqueKeysWithValues: settled.map { (attempt.recipients[$0].position, RecipientOutcome($1)) })
                let isOpen = try await store.write {
                    try $0.queue.commitMarker(message.id, attempt: attempt.number, outcomes: outcomes, at: clock.now)
                }
                guard isOpen else {
                    throw Failure(
                        .message, .later(after: nil), operation: "send", reason: "The attempt was ended meanwhile.")
                }
            }
        } catch {
            let failure =
                error as? Failure
                ?? Failure(.message, .later(after: nil), operation: "send", reason: "Unexpected: \(error)")
            let outcome: SMTPOutcome = failure.retry == .never ? .failed(failure) : .deferred(failure)
            return SMTPResult(outcomes: attempt.recipients.map { _ in outcome })
        }
    }
}

/// The stored content, as a submitter reads it.
private struct QueuedContent: MessageContent {
    let body: BodyReader

    func read(from offset: Int64) async throws -> [UInt8] { try await body.read(from: offset) }
}

extension SendingAttempt {
    fileprivate func envelope() throws -> SMTPEnvelope {
        let addresses = try recipients.map { recipient in
            guard let address = MailAddress(recipient.address) else {
                throw Failure(
                    .message, .never, operation: "send", reason: "\(recipient.address) is not an address.",
                    place: ["queue_id": message.id.description])
            }
            return address
        }
        return try SMTPEnvelope(
            reversePath: message.reversePath.isEmpty ? nil : MailAddress(message.reversePath), recipients: addresses,
            size: message.size, is8Bit: message.needs8BitMIME, hasInternationalizedHeader: message.needsSMTPUTF8)
    }
}
