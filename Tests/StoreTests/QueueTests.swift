import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Queue")
struct QueueTests {
    let temporary: TemporaryStore
    var store: Store { temporary.store }
    let account: AccountID

    init() async throws {
        temporary = try TemporaryStore()
        account = try await temporary.store.write { try $0.accounts.ensure(.support, at: .epoch) }
    }

    private func accept(
        _ text: String = "Subject: x\r\n\r\nx\r\n", to recipients: [String] = ["b@x.de", "c@x.de", "d@x.de"],
        seed: UInt64 = 1, at now: Timestamp = .epoch, change: (inout Submission) -> Void = { _ in }
    ) async throws -> Receipt {
        var generator = RepeatableGenerator(state: seed << 32)
        let writer = try store.bodyWriter(limit: 1 << 20, at: now, using: &generator)
        try await writer.append(Array(text.utf8)[...])
        let body = try await writer.finish()
        var submission = Submission(account: account, reversePath: "a@contoso.de", recipients: recipients)
        change(&submission)
        let complete = submission
        return try await store.write { try $0.queue.accept(complete, body: body, at: now) }
    }

    private func begin(_ id: QueueID, at now: Timestamp = .epoch) async throws -> SendingAttempt? {
        try await store.write { try $0.queue.beginAttempt(id, nextTry: now + .seconds(60), at: now) }
    }

    private func finish(_ attempt: SendingAttempt, _ report: AttemptReport) async throws -> QueueState? {
        try await store.write {
            try $0.queue.finishAttempt(attempt.message.id, attempt: attempt.number, report, at: .epoch)
        }
    }

    private func states(_ id: QueueID) async throws -> [RecipientState] {
        try await store.read { try $0.queue.recipients(id).map(\.state) }
    }

    private func message(_ id: QueueID) async throws -> QueuedMessage {
        try #require(try await store.read { try $0.queue.find(id) })
    }

    // MARK: Intake

    @Test("What was accepted is read back, body and envelope", arguments: [0, 1, 65_536, 65_537, 300_000])
    func accepted(size: Int) async throws {
        let text = String(repeating: "x", count: size)
        let receipt = try await accept(text) {
            $0.messageID = "<1@contoso.de>"
            $0.needs8BitMIME = true
            $0.priority = -3
        }
        #expect(receipt.isNew)
        let message = try await message(receipt.id)
        #expect(message.size == Int64(size))
        #expect(message.messageID == "<1@contoso.de>")
        #expect(message.needs8BitMIME && !message.needsSMTPUTF8)
        #expect(message.state == .queued)
        let reader = try await store.body(of: receipt.id)
        var bytes: [UInt8] = []
        while case let chunk = try await reader.read(from: Int64(bytes.count)), !chunk.isEmpty { bytes += chunk }
        #expect(bytes == Array(text.utf8))
        #expect(try spoolFiles() == (size > 65_536 ? [receipt.id.description] : []))
    }

    @Test("The same key with the same message returns the same id, with another one it is refused")
    func idempotent() async throws {
        let first = try await accept(seed: 1) { $0.idempotencyKey = "k" }
        let second = try await accept(seed: 2) { $0.idempotencyKey = "k" }
        #expect(second.id == first.id)
        #expect(!second.isNew)
        let others: [(String, [String])] = [
            ("Subject: y\r\n\r\n", ["b@x.de", "c@x.de", "d@x.de"]), ("Subject: x\r\n\r\nx\r\n", ["b@x.de"]),
        ]
        for (text, recipients) in others {
            let failure = await #expect(throws: Failure.self) {
                try await accept(text, to: recipients, seed: 3) { $0.idempotencyKey = "k" }
            }
            #expect(failure?.scope == .message)
            #expect(failure?.retry == .never)
        }
    }

    @Test("A body that grows over its limit, or is refused, leaves no file")
    func refused() async throws {
        var generator = RepeatableGenerator(state: 9)
        do {
            let writer = try store.bodyWriter(limit: 100_000, at: .epoch, using: &generator)
            try await writer.append([UInt8](repeating: 1, count: 90_000)[...])
            await #expect(throws: Failure.self) { try await writer.append([UInt8](repeating: 1, count: 20_000)[...]) }
        }
        await #expect(throws: Failure.self) { try await accept(String(repeating: "x", count: 100_000), to: []) }
        try await spoolIsEmpty()
    }

    @Test("Files without a message are swept at the start, files with one stay")
    func orphans() async throws {
        let directory = try TemporaryDirectoryPath()
        let first = try Store.open(in: directory.path)
        let account = try await first.write { try $0.accounts.ensure(.support, at: .epoch) }
        var generator = RepeatableGenerator()
        let writer = try first.bodyWriter(limit: 1 << 20, at: .epoch, using: &generator)
        try await writer.append([UInt8](repeating: 1, count: 100_000)[...])
        let body = try await writer.finish()
        let submission = Submission(account: account, reversePath: "", recipients: ["b@x.de"])
        let id = try await first.write { try $0.queue.accept(submission, body: body, at: .epoch).id }
        try Files.make(directory.path + "/spool/out/ORPHAN")
        await first.close()
        withExtendedLifetime(first) {}
        let second = try Store.open(in: directory.path)
        #expect(try Files.names(in: directory.path + "/spool/out") == [id.description])
        await second.close()
    }

    // MARK: Order

    @Test("Due messages come by priority, then by the longest wait, and no sooner than they may")
    func due() async throws {
        let low = try await accept(seed: 1) { $0.priority = -1 }.id
        let late = try await accept(seed: 2, at: .epoch + .seconds(5)).id
        let early = try await accept(seed: 3).id
        let high = try await accept(seed: 4) { $0.priority = 9 }.id
        let future = try await accept(seed: 5) { $0.notBefore = .epoch + .seconds(100) }.id
        let (account, store) = (account, store)
        let due: @Sendable (Timestamp) async throws -> [QueueID] = { now in
            try await store.read { try $0.queue.due(account, at: now, limit: 10).map(\.id) }
        }
        #expect(try await due(.epoch) == [high, early, low])
        #expect(try await due(.epoch + .seconds(5)) == [high, early, late, low])
        #expect(try await due(.epoch + .seconds(100)) == [high, early, late, future, low])
        #expect(try await store.read { try $0.queue.due(account, at: .epoch, limit: 2) }.map(\.id) == [high, early])
        #expect(try await store.read { try $0.queue.nextDue(account) } == .epoch)
        for id in [low, late, early, high] { _ = try await begin(id) }
        #expect(try await store.read { try $0.queue.nextDue(account) } == .epoch + .seconds(100))
        #expect(try await store.read { try $0.queue.counts(account) } == [.sending: 4, .queued: 1])
    }

    // MARK: Attempts

    @Test("An attempt is recorded with its next try, and nobody else can begin one")
    func begun() async throws {
        let id = try await accept().id
        let attempt = try #require(try await begin(id))
        #expect(attempt.number == 1)
        #expect(attempt.recipients.map(\.address) == ["b@x.de", "c@x.de", "d@x.de"])
        #expect(attempt.message.nextAttempt == .epoch + .seconds(60))
        #expect(try await begin(id) == nil)
    }

    @Test("Each recipient has its own outcome, and the message stays open while one is")
    func mixed() async throws {
        let id = try await accept().id
        let first = try #require(try await begin(id))
        let report = AttemptReport(
            outcomes: [1: .failed(reply: "550 5.1.1 no"), 2: .deferred(reply: "450 4.2.1 later")],
            others: .sent(reply: "250 Ok"), nextTry: .epoch + .seconds(300))
        #expect(try await finish(first, report) == .deferred)
        #expect(try await finish(first, report) == nil, "a late report changes nothing")
        #expect(try await states(id) == [.sent, .failed, .deferred])
        #expect(try await message(id).nextAttempt == .epoch + .seconds(300))
        let second = try #require(try await begin(id, at: .epoch + .seconds(300)))
        #expect(second.recipients.map(\.position) == [2])
        #expect(try await finish(second, AttemptReport(others: .sent(reply: "250 Ok"))) == .failed)
        #expect(try await store.read { try $0.queue.owingReports() }.map(\.id) == [id])
        try await store.write { try $0.queue.markBounced(id) }
        #expect(try await store.read { try $0.queue.owingReports() }.isEmpty)
        #expect(try await states(id) == [.sent, .bounced, .sent])
        #expect(try await message(id).state == .failed)
        let attempts = try await store.read { try $0.queue.attempts(id) }
        #expect(attempts.map(\.number) == [2, 1])
        #expect(attempts.map(\.outcome) == [.failed, .deferred])
    }

    @Test("An attempt that does not count leaves the message as if it had not been tried")
    func uncounted() async throws {
        let id = try await accept().id
        let attempt = try #require(try await begin(id))
        let report = AttemptReport(others: .deferred(reply: "535 5.7.3"), nextTry: .epoch, counts: false)
        #expect(try await finish(attempt, report) == .queued)
        #expect(try await message(id).attempts == 0)
        #expect(try await states(id) == [.queued, .queued, .queued])
        #expect(try await begin(id)?.number == 2)
    }

    @Test("Only what the server had not refused before the final dot is in doubt after a crash")
    func inDoubt() async throws {
        let id = try await accept().id
        let attempt = try #require(try await begin(id))
        let marked = try await store.write {
            try $0.queue.commitMarker(id, attempt: 1, outcomes: [0: .failed(reply: "550 no")], at: .epoch)
        }
        #expect(marked)
        let ended = try await store.write { try $0.queue.endInterrupted(at: .epoch) }
        #expect(ended.map(\.state) == [.inDoubt])
        #expect(try await states(id) == [.failed, .inDoubt, .inDoubt])
        #expect(try await finish(attempt, AttemptReport(others: .sent(reply: "250"))) == nil)
        let late = try await store.write { try $0.queue.commitMarker(id, attempt: 1, at: .epoch) }
        #expect(!late)
        let state = try await store.write { try $0.queue.resolve(id, wasSent: true, reply: "found", at: .epoch) }
        #expect(state == .failed)
        #expect(try await states(id) == [.failed, .sent, .sent])
    }

    @Test("What is certain not to have been sent is tried again at once")
    func resolvedUnsent() async throws {
        let id = try await accept().id
        let attempt = try #require(try await begin(id))
        #expect(try await finish(attempt, AttemptReport(others: .inDoubt(reason: "reply lost"))) == .inDoubt)
        let state = try await store.write {
            try $0.queue.resolve(id, wasSent: false, reply: "not in Sent", at: .epoch + .seconds(9))
        }
        #expect(state == .deferred)
        #expect(try await message(id).nextAttempt == .epoch + .seconds(9))
    }

    // MARK: Orders

    @Test("Held, released, retried and cancelled, with the reason for as long as it holds")
    func orders() async throws {
        let id = try await accept().id
        let order: @Sendable (QueueOrder) async throws -> QueueState? = { [store] order in
            try await store.write { try $0.queue.order(order, id, at: .epoch + .seconds(7)) }
        }
        #expect(try await order(.hold) == .held)
        #expect(try await message(id).holdReason == "by an operator")
        #expect(try await order(.release) == .queued)
        #expect(try await message(id).holdReason == nil)
        #expect(try await order(.retry) == .queued)
        #expect(try await message(id).nextAttempt == .epoch + .seconds(7))
        #expect(try await order(.cancel) == .cancelled)
        #expect(try await message(id).finished == .epoch + .seconds(7))
        let failure = await #expect(throws: Failure.self) { try await order(.retry) }
        #expect(failure?.reason.contains("cancelled") == true)
        var generator = RepeatableGenerator(state: 77)
        let unknown = QueueID(at: .epoch, using: &generator)
        #expect(try await store.write { try $0.queue.order(.hold, unknown, at: .epoch) } == nil)
    }

    @Test("A message that got too old fails, and one that is sent does not")
    func tooOld() async throws {
        let id = try await accept().id
        #expect(try await store.write { try $0.queue.fail(id, reply: "too old", at: .epoch) } == .failed)
        #expect(try await states(id) == [.failed, .failed, .failed])
        #expect(try await store.write { try $0.queue.order(.retry, id, at: .epoch) } == .queued)
    }

    @Test("Parked time does not age a message")
    func age() async throws {
        try await store.write { [account] in try $0.accounts.parkSending(account, at: .epoch - .seconds(1000)) }
        let id = try await accept().id
        try await store.write { [account] in try $0.accounts.unparkSending(account, at: .epoch + .seconds(300)) }
        let found = try await store.read { [account] in try $0.accounts.find(account) }
        let parking = try #require(found).parking
        let message = try await message(id)
        #expect(message.parked(at: .epoch + .seconds(500), parking) == .seconds(300))
        #expect(message.unparkedAge(at: .epoch + .seconds(500), parking) == .seconds(200))
    }

    // MARK: Lists and retention

    @Test("An order to try or release a message lets its age begin anew", arguments: [QueueOrder.retry, .release])
    func waitsAnew(order: QueueOrder) async throws {
        let id = try await accept(seed: 9).id
        let (account, store) = (account, store)
        try await store.write { try $0.accounts.parkSending(account, at: .epoch + .seconds(100)) }
        _ = try await store.write {
            order == .release
                ? try $0.queue.hold(id, reason: "parked_max", at: .epoch + .seconds(900))
                : try $0.queue.fail(id, reply: "max_age", at: .epoch + .seconds(900))
        }
        let state = try await store.write { try $0.queue.order(order, id, at: .epoch + .seconds(1000)) }
        #expect(state == .queued)
        let message = try await message(id)
        let parking = try #require(try await store.read { try $0.accounts.find(account) }).parking
        #expect(message.parked(at: .epoch + .seconds(1050), parking) == .seconds(50))
        #expect(message.unparkedAge(at: .epoch + .seconds(1050), parking) == .zero)
        #expect(message.created == .epoch)
    }

    @Test("Lists are paged by id: the open ones and those that failed, or those in one state")
    func lists() async throws {
        var accepted: [QueueID] = []
        for number in 1...4 as ClosedRange<Int64> {
            accepted.append(try await accept(seed: UInt64(number), at: .epoch + .seconds(number)).id)
        }
        let ids = accepted
        let sent = ids[1]
        let attempt = try #require(try await begin(sent))
        _ = try await finish(attempt, AttemptReport(others: .sent(reply: "250")))
        let (account, store) = (account, store)
        #expect(try await store.read { try $0.queue.list() }.map(\.id) == [ids[0], ids[2], ids[3]])
        #expect(
            try await store.read { try $0.queue.list(account: account, after: ids[0], limit: 1) }.map(\.id) == [
                ids[2]
            ])
        #expect(try await store.read { try $0.queue.list(state: .sent) }.map(\.id) == [sent])
        #expect(try await store.read { try $0.queue.list(state: .held) }.isEmpty)
        let failing = try #require(try await begin(ids[2]))
        _ = try await finish(failing, AttemptReport(others: .failed(reply: "550 no")))
        #expect(try await store.read { try $0.queue.list() }.map(\.id) == [ids[0], ids[2], ids[3]])
        #expect(try await store.read { try $0.queue.list(after: ids[0], limit: 1) }.map(\.id) == [ids[2]])
        #expect(try await store.read { try $0.queue.list(state: .failed) }.map(\.id) == [ids[2]])
        #expect(try await store.read { try $0.queue.counts(account) } == [.queued: 2, .failed: 1])
    }

    @Test("Content goes first, then history, and with it the idempotency key")
    func purged() async throws {
        let text = String(repeating: "x", count: 100_000)
        let id = try await accept(text) { $0.idempotencyKey = "k" }.id
        let open = try await accept(seed: 2).id
        let attempt = try #require(try await begin(id))
        _ = try await finish(attempt, AttemptReport(others: .sent(reply: "250")))
        let store = store
        let purge: @Sendable (Int64) async throws -> [Int] = { days in
            let purged = try await store.write {
                try $0.queue.purge(RetentionSettings(), at: .epoch + .seconds(days * 86400), limit: 100)
            }
            return [purged.bodies, purged.messages]
        }
        #expect(try await purge(6) == [0, 0])
        #expect(try spoolFiles() == [id.description])
        #expect(try await purge(7) == [1, 0])
        try await spoolIsEmpty()
        #expect(try await message(id).hasBody == false)
        await #expect(throws: Failure.self) { try await store.body(of: id) }
        #expect(try await purge(400) == [0, 1])
        #expect(try await store.read { try $0.queue.find(id) } == nil)
        #expect(try await message(open).hasBody)
        #expect(try await accept(text, seed: 3) { $0.idempotencyKey = "k" }.isNew)
    }

    private func spoolFiles() throws -> [String] { try Files.names(in: store.directory + "/spool/out") }

    /// Returns when the spool is empty. Files are removed behind the scenes, by queues that may hold a writer a moment longer
    /// than whoever was refused.
    private func spoolIsEmpty() async throws {
        let directory = store.directory + "/spool/out"
        try await within(.seconds(60), "an empty spool") {
            while try !Files.names(in: directory).isEmpty { await Task.yield() }
        }
    }
}
