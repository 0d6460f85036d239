import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Store

@Suite("What attempts took of a provider's limits")
struct SpendingTests {
    let temporary: TemporaryStore
    var store: Store { temporary.store }
    let account: AccountID

    init() async throws {
        temporary = try TemporaryStore()
        account = try await temporary.store.write { try $0.accounts.ensure(.support, at: .epoch) }
    }

    private func accept(_ recipients: [String], seed: UInt64, of account: AccountID? = nil) async throws -> QueueID {
        var generator = RepeatableGenerator(state: seed << 32)
        let body = try await store.bodyWriter(limit: 1 << 20, at: .epoch, using: &generator).finish()
        let submission = Submission(
            account: account ?? self.account, reversePath: "a@contoso.de", recipients: recipients)
        return try await store.write { try $0.queue.accept(submission, body: body, at: .epoch).id }
    }

    private func begin(_ id: QueueID, at now: Timestamp) async throws -> SendingAttempt {
        try #require(try await store.write { try $0.queue.beginAttempt(id, nextTry: now + .seconds(60), at: now) })
    }

    private func spent(since moment: Timestamp = .epoch - .seconds(1)) async throws -> [Spending] {
        try await store.read { [account] in try $0.queue.spent(account, since: moment) }
    }

    private static let three = ["b@x.de", "c@x.de", "d@x.de"]

    @Test("a running attempt counts with all its recipients, a finished one with those that may have been taken")
    func counted() async throws {
        let id = try await accept(Self.three, seed: 1)
        let attempt = try await begin(id, at: .epoch)
        #expect(try await spent() == [Spending(at: .epoch, messages: 1, recipients: 3)])
        let report = AttemptReport(
            outcomes: [0: .failed(reply: "550"), 1: .deferred(reply: "450")], others: .sent(reply: "250"),
            nextTry: .epoch)
        try await store.write { try $0.queue.finishAttempt(id, attempt: attempt.number, report, at: .epoch) }
        #expect(try await spent() == [Spending(at: .epoch, messages: 1, recipients: 1)])
        // Only the deferred one is tried again.
        let later = Timestamp.epoch + .seconds(300)
        _ = try await begin(id, at: later)
        #expect(
            try await spent() == [
                Spending(at: .epoch, messages: 1, recipients: 1), Spending(at: later, messages: 1, recipients: 1),
            ])
    }

    @Test("a crash before the final dot took nothing, one after it may have", arguments: [true, false])
    func interrupted(isMarked: Bool) async throws {
        let id = try await accept(Self.three, seed: 1)
        let attempt = try await begin(id, at: .epoch)
        if isMarked {
            let outcomes: [Int: RecipientOutcome] = [0: .failed(reply: "550")]
            _ = try await store.write {
                try $0.queue.commitMarker(id, attempt: attempt.number, outcomes: outcomes, at: .epoch)
            }
        }
        try await store.write { _ = try $0.queue.endInterrupted(at: .epoch) }
        #expect(try await spent().map(\.recipients) == [isMarked ? 2 : 0])
    }

    @Test("attempts of one minute are one entry, those of other accounts none, and old ones are left out")
    func window() async throws {
        let other = try await store.write { try $0.accounts.ensure(.info, at: .epoch) }
        _ = try await begin(try await accept(Self.three, seed: 1, of: other), at: .epoch)
        let minute = Timestamp(seconds: Timestamp.epoch.seconds / 60 * 60 + 60)
        for (number, second) in [0, 20, 59, 60].enumerated() {
            let id = try await accept(["b@x.de"], seed: UInt64(number + 2))
            _ = try await begin(id, at: minute + .seconds(second))
        }
        let expected = [
            Spending(at: minute + .seconds(59), messages: 3, recipients: 3),
            Spending(at: minute + .seconds(60), messages: 1, recipients: 1),
        ]
        #expect(try await spent() == expected)
        #expect(try await spent(since: minute + .seconds(59)) == [expected[1]])
    }

    @Test("a database of schema 1 is brought to this one, with what was sent before")
    func migrated() async throws {
        let directory = try TemporaryDirectory()
        let path = try directory.file("postbote.db", "", mode: 0o600)
        let old = try Writer.connect(path)
        try Migrations(steps: [Schema.migrations.steps[0]]).apply(to: old)
        try old.execute(
            """
            INSERT INTO accounts (id, name, created) VALUES (7, 'support', 0);
            INSERT INTO messages (id, queue_id, account, reverse_path, size, eight_bit, smtp_utf8, body_kind, body_hash,
                request_hash, priority, created, parked_at_creation, state, next_attempt)
            VALUES (3, '0123456789ABCD', 7, 'a@x.de', 1, 0, 0, 'none', x'00', x'00', 0, 0, 0, 'deferred', 0);
            INSERT INTO recipients (message, position, address, state) VALUES (3, 0, 'b@x.de', 'sent'),
                (3, 1, 'c@x.de', 'in_doubt'), (3, 2, 'd@x.de', 'deferred');
            INSERT INTO attempts (message, number, started, next_try, marker, finished) VALUES (3, 1, 1000, 0, NULL, 1),
                (3, 2, 90000, 0, 1, 1);
            """)
        try Schema.migrations.apply(to: old)
        #expect(try old.value("PRAGMA user_version") as Int64 == Schema.migrations.latest)
        let rows = try old.all("SELECT account, recipients FROM attempts ORDER BY number") { row in
            [try row.next(Int64.self), try row.next(Int64.self)]
        }
        #expect(rows == [[7, 0], [7, 2]])
    }

    @Test("messages that wait are found in the order in which they came, page by page")
    func oldest() async throws {
        var ids: [QueueID] = []
        for seed in 1...5 as ClosedRange<UInt64> { ids.append(try await accept(["b@x.de"], seed: seed)) }
        _ = try await begin(ids[1], at: .epoch)
        let (account, store) = (account, store)
        let page: @Sendable (QueueID?) async throws -> [QueueID] = { after in
            try await store.read { try $0.queue.oldest(account, in: .queued, after: after, limit: 2).map(\.id) }
        }
        #expect(try await page(nil) == [ids[0], ids[2]])
        #expect(try await page(ids[2]) == [ids[3], ids[4]])
        #expect(try await page(ids[4]) == [])
        #expect(
            try await store.read { try $0.queue.oldest(account, in: .sending, limit: 9).map(\.id) } == [ids[1]])
    }
}
