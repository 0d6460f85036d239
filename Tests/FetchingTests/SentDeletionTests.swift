import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("Mail in a Sent folder that is not watched") struct SentDeletionTests {
    private static let age = Duration.seconds(30 * 86_400)

    /// Message `number` of the mailbox, sent by our queue at `moment`.
    private func send(_ number: Int, at moment: Timestamp, in test: FetchUnderTest, refused: Bool = false)
        async throws
    {
        var generator = SystemRandomNumberGenerator()
        let writer = try test.store.bodyWriter(limit: 1 << 20, at: moment, using: &generator)
        try await writer.append(Array("x".utf8)[...])
        let body = try await writer.finish()
        var submission = Submission(account: test.accountID, reversePath: "a@x.test", recipients: ["b@x.test"])
        submission.messageID = "<\(number)@example.org>"
        try await test.store.write { [submission] transaction in
            let id = try transaction.queue.accept(submission, body: body, at: moment).id
            let attempt = try transaction.queue.beginAttempt(id, nextTry: moment + .seconds(60), at: moment)
            guard let attempt else { return }
            _ = try transaction.queue.commitMarker(id, attempt: attempt.number, at: moment)
            let outcome: RecipientOutcome = refused ? .failed(reply: "550 no") : .sent(reply: "250 Ok")
            try transaction.queue.finishAttempt(
                id, attempt: attempt.number, AttemptReport(others: outcome), at: moment)
        }
    }

    /// Messages 1 to 4 were sent 40 days ago: 1 by a person, 2 and 3 by us; 4 by us, and refused. 5 was sent by us yesterday.
    private func mailbox(
        _ change: (inout ReceiveSettings) -> Void = { $0.deleteAfter = [.sent: SentDeletionTests.age] }
    ) async throws -> FetchUnderTest {
        let test = try await FetchUnderTest(change)
        let (old, young) = (test.clock.now - .seconds(40 * 86_400), test.clock.now - .seconds(86_400))
        for number in 2...4 { try await send(number, at: old, in: test, refused: number == 4) }
        try await send(5, at: young, in: test)
        test.server.change("Sent") { folder in
            folder.append(messages(1...5))
            for uid in folder.messages.keys { folder.messages[uid]?.internalDate = uid.rawValue == 5 ? young : old }
        }
        return test
    }

    private func left(_ test: FetchUnderTest) -> [UInt32] {
        test.server.state.value.folders["Sent"]?.messages.keys.map(\.rawValue).sorted() ?? []
    }

    @Test("is deleted when our queue sent it long enough ago, and other mail stays")
    func deleted() async throws {
        let test = try await mailbox()
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        _ = try await running.fetcher.fetch()
        #expect(left(test) == [1, 4, 5])
        #expect(test.recorder.events(.serverCopyChanged).count == 2)
        // Not again before a day is over, and then without asking for what is not ours.
        test.server.forgetRequests()
        _ = try await running.fetcher.fetch()
        #expect(!test.server.requests.contains(.selectForChanging("Sent")))
        test.clock.advance(by: .seconds(31 * 86_400))
        _ = try await running.fetcher.fetch()
        #expect(left(test) == [1, 4])
        let described = test.server.requests.compactMap { if case .describe(let count) = $0 { count } else { nil } }
        #expect(described == [1])
        await running.stop()
    }

    @Test("is deleted in the end wherever the connection breaks", arguments: ["look", "describe", "delete"])
    func interrupted(kind: String) async throws {
        let test = try await mailbox()
        test.server.fails { request, count in
            if request.kind == kind, count == (kind == "look" ? 3 : 1) { throw MemoryServer.connectionLost }
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        await #expect(throws: Failure.self) { try await running.fetcher.fetch() }
        #expect(left(test) == [1, 2, 3, 4, 5])
        test.server.works()
        _ = try await running.fetcher.fetch()
        #expect(left(test) == [1, 4, 5])
        await running.stop()
    }

    @Test("stays where the setting does not say so, and where the folder can only be read, which is said")
    func kept() async throws {
        let unset = try await mailbox { _ in }
        var running = unset.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        _ = try await running.fetcher.fetch()
        #expect(left(unset).count == 5)
        await running.stop()
        let test = try await mailbox()
        test.server.change("Sent") { $0.isReadOnly = true }
        running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        for _ in 0..<2 {
            _ = try await running.fetcher.fetch()
            #expect(await Set(running.fetcher.status.folderFailures.keys) == ["Sent"])
        }
        #expect(left(test).count == 5)
        await running.stop()
    }
}
