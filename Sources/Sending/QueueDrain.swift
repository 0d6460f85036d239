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
    /// Called when the server has let us in, and nothing that was wrong may still be wrong.
    var opened: @Sendable () -> Void = {}

    /// What is at hand between two messages.
    private struct Work {
        var submitter: (any Submitter)?
        /// How the last attempt ended, while it is not written down.
        var ended: Ended?
    }

    private struct Ended: Sendable {
        let attempt: SendingAttempt
        let outcome: AttemptOutcome
        let at: Timestamp

        func record(_ transaction: WriteTransaction) throws -> QueueState? {
            try transaction.queue.finishAttempt(
                attempt.message.id, attempt: attempt.number, outcome.report, at: at)
        }
    }

    private var store: Store { sender.environment.store }
    private var clock: any WallClock { sender.environment.clock }

    func run() async {
        var work = Work()
        do {
            // What goes wrong while the connection is open says nothing of it, nor it of that.
            var isTrial = await sender.status.health.failure != nil
            if isTrial { try await probe(&work) }
            repeat {
                while let message = try await sender.nextMessage() { try await send(message, &work) }
                try await record(&work)
                if isTrial { try await sender.foundNothing() }
                isTrial = false
            } while await waitsForMore(work.submitter)
        } catch let failure as Failure {
            await sender.failed(with: failure, whileSignedIn: work.submitter != nil)
        } catch {
            // Cancelled: whatever was begun has its next try recorded.
        }
        await recordInTheEnd(&work)
        await work.submitter?.close()
    }

    private func waitsForMore(_ submitter: (any Submitter)?) async -> Bool {
        guard lingers, submitter != nil else { return false }
        return await sender.linger()
    }

    // MARK: The connection

    /// Sees whether what was wrong is mended, before any message is touched.
    private func probe(_ work: inout Work) async throws {
        work.submitter = try await sender.connector.open()
        if await sender.signedIn() { opened() }
    }

    private func connect(for message: QueuedMessage, _ work: inout Work) async throws {
        guard await work.submitter?.isUsable != true else { return }
        // Signing in may take a while: how the last attempt ended does not wait for it.
        try await record(&work)
        await work.submitter?.close()
        work.submitter = nil
        do {
            work.submitter = try await sender.connector.open()
            if await sender.signedIn() { opened() }
        } catch {
            await sender.giveBack(message.id)
            throw error
        }
    }

    // MARK: A message

    /// - Throws: what concerns more than the message.
    private func send(_ message: QueuedMessage, _ work: inout Work) async throws {
        try await connect(for: message, &work)
        guard let submitter = work.submitter, let attempt = try await begin(message, &work) else { return }
        let result = await submit(attempt, through: submitter)
        let outcome = await sender.outcome(of: result, attempt)
        work.ended = Ended(attempt: attempt, outcome: outcome, at: clock.now)
        await sender.settle(attempt, outcome)
        if let parking = outcome.parking {
            try await record(&work)
            throw parking
        }
        await sender.succeeded()
        opened()
    }

    /// Writes down that an attempt begins, and in the same commit how the one before it ended.
    ///
    /// - Returns: `nil` when the message was held, cancelled or taken by an order meanwhile.
    private func begin(_ message: QueuedMessage, _ work: inout Work) async throws -> SendingAttempt? {
        let now = clock.now
        let nextTry = now + (await sender.wait(after: message.attempts + 1))
        let (state, attempt) = try await store.write { [ended = work.ended] transaction in
            let state = try ended?.record(transaction)
            return (state, try transaction.queue.beginAttempt(message.id, nextTry: nextTry, at: now))
        }
        await tell(state, &work)
        await sender.began(message.id)
        if attempt == nil { await sender.giveBack(message.id) }
        return attempt
    }

    // MARK: How it ended

    private func record(_ work: inout Work) async throws {
        guard let ended = work.ended else { return }
        let state = try await store.write { try ended.record($0) }
        await tell(state, &work)
    }

    private func tell(_ state: QueueState?, _ work: inout Work) async {
        guard let ended = work.ended else { return }
        work.ended = nil
        await sender.tell(state, of: ended.attempt, ended.outcome)
    }

    /// A reply that was seen must not become a doubt: trouble with the disk is waited out.
    private func recordInTheEnd(_ work: inout Work) async {
        while work.ended != nil {
            do {
                try await record(&work)
            } catch {
                await work.submitter?.close()
                work.submitter = nil
                guard (try? await clock.sleep(for: Limits.storageTrouble)) != nil else { return }
            }
        }
    }

    // MARK: Submitting

    private func submit(_ attempt: SendingAttempt, through submitter: any Submitter) async -> SMTPResult {
        do {
            let envelope = try attempt.envelope()
            let content = QueuedContent(body: try await store.body(of: attempt.message.id))
            return await PointOfNoReturn.guarding { point in
                await submitter.submit(envelope, content: content) { settled in
                    try point.pass()
                    try await commitMarker(of: attempt, settled)
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

    private func commitMarker(of attempt: SendingAttempt, _ settled: [Int: SMTPOutcome]) async throws {
        // Recipients that the server has refused already are never in doubt.
        let outcomes = Dictionary(
            uniqueKeysWithValues: settled.map { (attempt.recipients[$0].position, RecipientOutcome($1)) })
        let now = clock.now
        let isOpen = try await store.write {
            try $0.queue.commitMarker(attempt.message.id, attempt: attempt.number, outcomes: outcomes, at: now)
        }
        guard isOpen else {
            throw Failure(
                .message, .later(after: nil), operation: "send", reason: "The attempt was ended meanwhile.")
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
