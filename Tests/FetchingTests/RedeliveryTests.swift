import Diagnostics
import MailModel
import Sessions
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("A message that is to be delivered again") struct RedeliveryTests {
    private func fetched(_ change: (inout ReceiveSettings) -> Void = { _ in }) async throws -> FetchUnderTest {
        let test = try await FetchUnderTest(change)
        test.server.change { $0.append(messages(1...5)) }
        try await test.visit()
        return test
    }

    private func ordered(_ test: FetchUnderTest, _ uid: UInt32, in name: String = "INBOX") async throws -> Bool {
        let key = try await test.key(uid, in: name)
        return try await test.store.read { transaction in
            try transaction.ledger.find(key).contains { try transaction.redeliveries.find($0.id) != nil }
        }
    }

    private func names(_ test: FetchUnderTest) -> [String] {
        Directory.names(in: (test.destinations.values.first?.path ?? "") + "/new")
    }

    @Test("comes under the same key, in a file of its own, although the first one is still there")
    func again() async throws {
        let test = try await fetched()
        let key = try await test.key(3)
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        for _ in 0..<2 {
            let given = try await running.fetcher.give(.redeliver(to: nil), on: key, in: nil, wait: true)
            #expect(given.map(\.outcome) == [.done])
        }
        await running.stop()
        try test.expectDelivered(messages([1, 2, 3, 3, 3, 4, 5]))
        #expect(names(test).count { $0.contains("K\(key).") } == 3)
        #expect(try await test.folder().delivered == 7)
        #expect(try await !ordered(test, 3))
        // And nothing more comes of it.
        try await test.visit()
        try test.expectDelivered(messages([1, 2, 3, 3, 3, 4, 5]))
    }

    @Test("is found under its new UID after the mailbox moved")
    func moved() async throws {
        let test = try await fetched()
        let key = try await test.key(2)
        test.server.change { $0.renumber(8, messages([5, 4, 3, 2, 1, 6])) }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let given = try await running.fetcher.give(.redeliver(to: nil), on: key, in: nil, wait: true)
        await running.stop()
        #expect(given.map(\.outcome) == [.done])
        try test.expectDelivered(messages([1, 2, 2, 3, 4, 5, 6]))
        #expect(names(test).count { $0.contains("K\(key).") } == 2)
    }

    /// Each request, reply and piece breaks off once.
    @Test("is delivered once more, wherever the connection breaks")
    func interrupted() async throws {
        var step = 1
        while true {
            let test = try await fetched()
            for uid in [2, 4] as [UInt32] { try await test.give(.redeliver(to: nil), on: uid) }
            let isOver = try await test.isOver(failingAt: step) { try await test.visit() }
            // What was not delivered is ordered still.
            let count = try test.delivered().count
            #expect(try await ordered(test, 2) == (count < 6), "step \(step)")
            #expect(try await ordered(test, 4) == (count < 7), "step \(step)")
            for _ in 0..<2 { try await test.visit() }
            try test.expectDelivered(messages([1, 2, 2, 3, 4, 4, 5]))
            #expect(try await !ordered(test, 2), "step \(step)")
            #expect(try await !ordered(test, 4), "step \(step)")
            if isOver { break }
            step += 1
        }
        #expect(step > 8)
    }

    @Test("is delivered once more, whichever commit fails")
    func commits() async throws {
        var step = 1
        while true {
            let test = try await fetched()
            try await test.give(.redeliver(to: nil), on: 2)
            let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
            await FailingCommits.arm(test.store, after: step - 1)
            let isOver = (try? await running.fetcher.fetch()) != nil
            #expect(await test.store.recover() == .ok)
            for _ in 0..<2 { _ = try await running.fetcher.fetch() }
            await running.stop()
            try test.expectDelivered(messages([1, 2, 2, 3, 4, 5]))
            #expect(try await !ordered(test, 2), "step \(step)")
            if isOver { break }
            step += 1
        }
        // Begun, staged, delivered.
        #expect(step > 3)
    }

    @Test("is never another message that stands under its UID")
    func otherMessage() async throws {
        let test = try await fetched()
        try await test.give(.redeliver(to: nil), on: 3)
        test.server.change { $0.messages[UID(3)!] = messages([77])[0] }
        await #expect(throws: Failure.self) { try await test.visit(firstOfSession: false) }
        try test.expectDelivered(messages(1...5))
        try await test.visit()
        try test.expectDelivered(messages(Array(1...5) + [77]))
        #expect(test.recorder.events(.redeliveryFailed).count == 1)
    }

    @Test("and that the server has no more is not, which is said")
    func gone() async throws {
        let test = try await fetched()
        let key = try await test.key(3)
        test.server.change { $0.messages[UID(3)!] = nil }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let given = try await running.fetcher.give(.redeliver(to: nil), on: key, in: nil, wait: true)
        #expect(given.map(\.outcome) == [.gone])
        #expect(test.recorder.events(.redeliveryFailed).count == 1)
        await running.stop()
        try test.expectDelivered(messages(1...5))
    }

    @Test("is taken from another folder where its own has it no more")
    func otherFolder() async throws {
        let test = try await FetchUnderTest {
            $0.folders = [FolderSettings(selector: .name("INBOX")), FolderSettings(selector: .name("Archive"))]
        }
        test.server.change { $0.append(messages(1...5)) }
        test.server.change("Archive") { $0.append(messages([3])) }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        _ = try await running.fetcher.fetch()
        let key = try await test.key(3)
        #expect(try await test.key(1, in: "Archive") == key)
        test.server.change { $0.messages[UID(3)!] = nil }
        let given = try await running.fetcher.give(.redeliver(to: nil), on: key, in: nil, wait: true)
        await running.stop()
        #expect(given.map(\.outcome) == [.done])
        try test.expectDelivered(messages(1...5))
        try test.expectDelivered(messages([3]), in: "/.Archive")
    }

    @Test("and that the server does not give is asked for some times, and then given up; the others are delivered")
    func withheld() async throws {
        let test = try await fetched()
        for uid in [2, 3, 4] as [UInt32] { try await test.give(.redeliver(to: nil), on: uid) }
        test.server.change { $0.withheld = [UID(3)!] }
        for _ in 0..<5 {
            let result = try await test.visit()
            #expect(result.actionFailure?.operation == "redeliver")
            #expect(try await ordered(test, 3))
        }
        #expect(try await test.visit().actionFailure == nil)
        #expect(try await !ordered(test, 3))
        #expect(test.recorder.events(.redeliveryFailed).map(\.severity) == [.warning])
        try test.expectDelivered(messages([1, 2, 2, 3, 4, 4, 5]))
    }

    @Test("and at which every connection breaks does not stop the account for ever")
    func breaks() async throws {
        let test = try await fetched()
        for uid in [2, 3, 4] as [UInt32] { try await test.give(.redeliver(to: nil), on: uid) }
        test.server.fails { request, _ in
            if case .fetch(let uids) = request, uids.contains(UID(3)!) { throw MemoryServer.connectionLost }
        }
        var visits = 0
        while (try? await test.visit()) == nil { visits += 1 }
        #expect(visits == 5)
        test.server.works()
        try test.expectDelivered(messages([1, 2, 2, 3, 4, 4, 5]))
        #expect(try await !ordered(test, 3))
    }

    @Test("and then deleted is fetched before")
    func thenDeleted() async throws {
        let test = try await fetched()
        try await test.give(.redeliver(to: nil), on: 3)
        try await test.give(.delete, on: 3)
        try await test.visit()
        try test.expectDelivered(messages([1, 2, 3, 3, 4, 5]))
        #expect(test.present() == messages([1, 2, 4, 5]))
    }
}
