import Diagnostics
import MailModel
import Sessions
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("Old mail, fetched behind new mail,") struct BackfillTests {
    private static let old = 1...1300

    /// A mailbox with much old mail, and a fetcher whose schedule does not come in between.
    private func mailbox(
        _ change: (inout ReceiveSettings) -> Void = { _ in }
    ) async throws -> FetchUnderTest {
        let test = try await FetchUnderTest(change)
        test.server.change { $0.append(messages(Self.old)) }
        return test
    }

    private func fetcher(_ test: FetchUnderTest) -> RunningFetcher {
        test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
    }

    /// Lowest and highest UID of each fetch.
    private func slices(_ test: FetchUnderTest) -> [[UInt32]] {
        test.server.fetched.map { [$0.first?.rawValue ?? 0, $0.last?.rawValue ?? 0] }
    }

    private func untilLastSlice(_ test: FetchUnderTest) async throws {
        try await test.server.state.wait(for: "the last slice") { state in
            state.requests.contains { if case .fetch(let uids) = $0 { uids.first == .min } else { false } }
        }
    }

    @Test("comes newest first, in slices that grow, and whole")
    func newestFirst() async throws {
        let test = try await mailbox()
        let running = fetcher(test)
        let turn = try await running.fetcher.fetch()
        #expect(turn.delivered == 1300)
        #expect(slices(test) == [[1251, 1300], [1051, 1250], [251, 1050], [1, 250]])
        #expect(try await !test.folder().isBackfilling)
        #expect(await running.fetcher.status.backfills.isEmpty)
        #expect(await running.fetcher.status.delivered == 1300)
        #expect(test.recorder.events(.backfillStarted).count == 1)
        #expect(test.recorder.events(.backfillFinished).count == 1)
        // Afterwards nothing is looked at that did not change.
        test.server.forgetRequests()
        #expect(try await running.fetcher.fetch().delivered == 0)
        #expect(test.server.requests.map(\.kind) == ["folders", "select"])
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }

    @Test("never keeps new mail waiting for more than a slice, and tells how far it is")
    func newMailFirst() async throws {
        let test = try await mailbox()
        let (second, go) = (Gate(), Gate())
        test.server.fails { request, count in
            guard request.kind == "fetch", count == 2 else { return }
            second.open()
            try await go.passed()
        }
        let running = fetcher(test)
        let all = Task { try await running.fetcher.fetch() }
        try await second.passed()
        let progress = try #require(await running.fetcher.status.backfills["INBOX"])
        #expect(progress.done == 50 && progress.left == 1250)
        test.server.change { $0.append(messages([2001])) }
        await running.fetcher.fetchSoon()
        go.open()
        #expect(try await all.value.delivered == 1301)
        #expect(slices(test) == [[1251, 1300], [1051, 1250], [1301, 1301], [251, 1050], [1, 250]])
        await running.stop()
        try test.expectDelivered(messages(Array(Self.old) + [2001]))
    }

    @Test("goes on where it was after a lost connection and after a restart, and nothing comes twice")
    func interrupted() async throws {
        let test = try await mailbox()
        test.server.fails { request, count in
            if request.kind == "fetch", count == 2 { throw MemoryServer.connectionLost }
        }
        var running = fetcher(test)
        await #expect(throws: Failure.self) { try await running.fetcher.fetch() }
        #expect(try await test.folder().isBackfilling)
        await running.stop()
        test.server.works()
        running = fetcher(test)
        #expect(try await running.fetcher.fetch().delivered == 1250)
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }

    @Test("is remembered by the folder alone when nothing arrives and nothing failed before a restart")
    func remembered() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(2001...2020)) }
        var running = fetcher(test)
        await running.fetcher.pause(StoredAccount.Pauses(backfill: .distantFuture))
        #expect(try await running.fetcher.fetch().delivered == 20)
        test.server.change { $0.append(messages(Self.old)) }
        #expect(try await running.fetcher.fetch().delivered == 0)
        await running.stop()
        running = fetcher(test)
        await running.fetcher.pause(StoredAccount.Pauses())
        #expect(try await running.fetcher.fetch().delivered == 1300)
        await running.stop()
        try test.expectDelivered(messages(Array(Self.old) + Array(2001...2020)))
    }

    @Test("is looked for anew when the folder becomes another one meanwhile")
    func moved() async throws {
        let test = try await mailbox()
        test.server.fails { [server = test.server] request, count in
            guard request.kind == "fetch", count == 1 else { return }
            server.change { $0.renumber(8, messages(Array(Self.old) + [2001])) }
            throw MemoryServer.connectionLost
        }
        let running = fetcher(test)
        await #expect(throws: Failure.self) { try await running.fetcher.fetch() }
        #expect(try await running.fetcher.fetch().delivered == 1301)
        await running.stop()
        try test.expectDelivered(messages(Array(Self.old) + [2001]))
    }

    @Test("waits while it is paused, and new mail does not")
    func paused() async throws {
        let test = try await mailbox()
        let end = FetchUnderTest.start + .seconds(600)
        let running = fetcher(test)
        await running.fetcher.pause(StoredAccount.Pauses(backfill: end))
        #expect(try await running.fetcher.fetch().delivered == 0)
        test.server.change { $0.append(messages([2001])) }
        #expect(try await running.fetcher.fetch().delivered == 1)
        #expect(await running.fetcher.status.backfillPausedUntil == end)
        #expect(await running.fetcher.status.backfills["INBOX"]?.left == 1300)
        // It ends by itself.
        while test.clock.now < end { try await test.clock.advanceToNextDeadline() }
        try await untilLastSlice(test)
        _ = try await running.fetcher.fetch()
        #expect(await running.fetcher.status.backfillPausedUntil == nil)
        await running.stop()
        try test.expectDelivered(messages(Array(Self.old) + [2001]))
    }

    @Test("and new mail wait while the account is paused, also after a restart")
    func accountPaused() async throws {
        let test = try await mailbox()
        let pauses = StoredAccount.Pauses(account: .distantFuture)
        try await test.store.write { [id = test.accountID] in try $0.accounts.pause(id, pauses) }
        var running = test.fetcher(firstTurn: FetchUnderTest.start)
        try await test.clock.sleepers()
        #expect(await running.fetcher.status.pausedUntil == .distantFuture)
        #expect(test.server.requests.isEmpty)
        #expect(await running.fetcher.status.last?.at == nil)
        await #expect(throws: Failure.self) { try await running.fetcher.fetch() }
        await running.stop()
        running = fetcher(test)
        await running.fetcher.pause(StoredAccount.Pauses())
        try await untilLastSlice(test)
        _ = try await running.fetcher.fetch()
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }

    @Test("is fetched when the account is resumed while its session is still being closed for the pause")
    func resumedAtOnce() async throws {
        let test = try await mailbox()
        let running = fetcher(test)
        await running.fetcher.pause(StoredAccount.Pauses(backfill: .distantFuture))
        _ = try await running.fetcher.fetch()
        let (closing, go) = (Gate(), Gate())
        test.server.closesAfter {
            closing.open()
            try? await go.passed()
        }
        await running.fetcher.pause(StoredAccount.Pauses(account: .distantFuture))
        try await closing.passed()
        await running.fetcher.pause(StoredAccount.Pauses())
        go.open()
        try await untilLastSlice(test)
        _ = try await running.fetcher.fetch()
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }

    @Test("is only what is no older than since, to the second, and the rest when that is lowered")
    func since() async throws {
        // The messages' INTERNALDATE is a second later each.
        let first = MemoryServer.Message(0).internalDate
        let test = try await mailbox { $0.since = first + .seconds(101) }
        let running = fetcher(test)
        #expect(try await running.fetcher.fetch().delivered == 1200)
        try test.expectDelivered(messages(101...1300))
        await running.stop()
        // Below the limit for a visit: without slices.
        #expect(try await test.visit { $0.since = first + .seconds(51) }.delivered == 50)
        #expect(try await test.visit { $0.since = nil }.delivered == 50)
        try test.expectDelivered(messages(Self.old))
    }

    @Test("that a search by day hides is fetched when since is lowered by days")
    func hidden() async throws {
        let test = try await FetchUnderTest()
        let day = Duration.seconds(86400)
        let first = MemoryServer.Message(0).internalDate
        for (number, days) in [(1, 0), (2, 10), (3, 20)] {
            var message = MemoryServer.Message(number)
            message.internalDate = first + day * days
            test.server.change { $0.append([message]) }
        }
        for (days, delivered) in [(15, 1), (15, 0), (5, 1), (5, 0), (-5, 1)] {
            let found = try await test.visit { $0.since = first + day * days }.delivered
            #expect(found == delivered, "since day \(days)")
        }
        try test.expectDelivered(messages(1...3))
    }

    @Test("is fetched by sessions that are closed after each use, as with POP3, and new mail is seen")
    func shortSessions() async throws {
        let test = try await mailbox()
        test.server.state.update { $0.keepsSession = false }
        let running = fetcher(test)
        #expect(try await running.fetcher.fetch().delivered == 1300)
        #expect(test.server.state.value.open.isEmpty)
        test.server.change { $0.append(messages([2001])) }
        #expect(try await running.fetcher.fetch().delivered == 1)
        await running.stop()
        try test.expectDelivered(messages(Array(Self.old) + [2001]))
    }

    @Test("that a folder refuses keeps no other folder's waiting, is said, and comes later")
    func refused() async throws {
        let test = try await FetchUnderTest {
            $0.folders = [FolderSettings(selector: .name("A")), FolderSettings(selector: .name("B"))]
        }
        test.server.change("A") { $0.append(messages(1...1100)) }
        test.server.change("B") { $0.append(messages(2001...3100)) }
        let failure = Failure(.folder, .later(after: nil), operation: "UID FETCH", reason: "Not now.")
        test.server.fails { request, count in
            // The folder that was opened last is A the first time.
            if request.kind == "fetch", count <= 3 { throw failure }
        }
        let running = fetcher(test)
        _ = try await running.fetcher.fetch()
        #expect(await running.fetcher.status.health.state == .ok)
        #expect(await Set(running.fetcher.status.folderFailures.keys) == ["A"])
        try test.expectDelivered(messages(2001...3100), in: "/.B")
        test.server.works()
        _ = try await running.fetcher.fetch()
        test.clock.advance(by: .seconds(3600))
        _ = try await running.fetcher.fetch()
        #expect(await running.fetcher.status.folderFailures.isEmpty)
        await running.stop()
        try test.expectDelivered(messages(1...1100), in: "/.A")
    }

    @Test("is not larger than the limit either")
    func tooLarge() async throws {
        let test = try await mailbox { $0.maxMessageSize = 1000 }
        test.server.change { folder in
            for uid: UInt32 in [3, 700] {
                UID(uid).map { folder.messages[$0]?.octets += Array(repeating: 65, count: 1000) }
            }
        }
        let running = fetcher(test)
        #expect(try await running.fetcher.fetch().delivered == 1298)
        #expect(test.recorder.events(.messageTooLarge).count == 2)
        await running.stop()
    }
}
