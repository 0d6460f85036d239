import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("An audit") struct AuditTests {
    /// An account whose first twenty messages were fetched.
    private func fetched(
        _ change: (inout ReceiveSettings) -> Void = { _ in }
    ) async throws -> (FetchUnderTest, RunningFetcher) {
        let test = try await FetchUnderTest(change)
        test.server.change { $0.append(messages(1...20)) }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        _ = try await running.fetcher.fetch()
        return (test, running)
    }

    private static let throttled = Failure(
        .direction, .later(after: .seconds(60)), operation: "UID FETCH", reason: "Slow down.", condition: .throttled)

    private func account(_ test: FetchUnderTest) async throws -> StoredAccount {
        let stored = try await test.store.read { [id = test.accountID] in try $0.accounts.find(id) }
        return try #require(stored)
    }

    @Test("of an account in order finds nothing, fetches nothing, and remembers when it was")
    func clean() async throws {
        let (test, running) = try await fetched()
        test.server.forgetRequests()
        let outcome = try await running.fetcher.audit()
        #expect(outcome.unaccounted == 0 && outcome.failure == nil)
        #expect(outcome.folders.map(\.numbers) == [AuditNumbers(listed: 20, states: [.delivered: 20])])
        #expect(test.server.fetched.isEmpty)
        #expect(try await account(test).audited == test.clock.now)
        let event = try #require(test.recorder.events(.auditFinished).first)
        #expect(event["LISTED"] == "20" && event["UNACCOUNTED"] == "0" && event["REMAINING"] == "0")
        await running.stop()
    }

    @Test("does not begin before the first turn either when the account is paused")
    func pausedBeforeFirstTurn() async throws {
        let test = try await FetchUnderTest()
        try await test.store.write { [id = test.accountID] in
            try $0.accounts.pause(id, StoredAccount.Pauses(account: .distantFuture))
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        await #expect(throws: Failure.self) { try await running.fetcher.audit() }
        #expect(test.server.requests.isEmpty)
        await running.stop()
    }

    @Test("counts old mail that waits behind new mail, and does not wait for it")
    func oldMailWaits() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...1100)) }
        var running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        await running.fetcher.pause(StoredAccount.Pauses(backfill: .distantFuture))
        _ = try await running.fetcher.fetch()
        test.server.change { $0.append(messages(1101...1105)) }
        _ = try await running.fetcher.fetch()
        try Tampering.run("DELETE FROM ledger WHERE uid = 1103", in: test.temporary.directory)
        let outcome = try await running.fetcher.audit()
        #expect(outcome.unaccounted == 1 && outcome.remaining == 0)
        let numbers = try #require(outcome.folders.first?.numbers)
        #expect(numbers.waiting == 1100 && numbers.states[.delivered] == 4)
        await running.stop()
        // A new process does not know which messages wait before its first turn.
        running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        await running.fetcher.pause(StoredAccount.Pauses(backfill: .distantFuture))
        #expect(try await running.fetcher.audit().unaccounted == 0)
        await running.stop()
    }

    @Test("names a message whose row is gone, and has it fetched")
    func rowDeleted() async throws {
        let (test, running) = try await fetched()
        try Tampering.run("DELETE FROM ledger WHERE uid = 7", in: test.temporary.directory)
        // The session is kept, and nothing arrived: an ordinary visit has nothing to look for.
        _ = try await running.fetcher.fetch()
        #expect(try test.delivered().count == 20)
        let (fetching, go) = (Gate(), Gate())
        test.server.fails { request, _ in
            guard request.kind == "fetch" else { return }
            fetching.open()
            try await go.passed()
        }
        async let audit = running.fetcher.audit()
        try await fetching.passed()
        #expect(try await account(test).unaccounted == 1)
        go.open()
        let outcome = try await audit
        #expect(outcome.unaccounted == 1 && outcome.remaining == 0)
        #expect(try await account(test).unaccounted == 0)
        let found = try #require(outcome.folders.first?.differences)
        #expect(found == [.init(uid: UID(7)!, reason: .missed, done: "fetched")])
        #expect(test.server.fetched.last == UIDSet([UID(7)!]))
        let event = try #require(test.recorder.events(.messageUnaccounted).first)
        #expect(event[.folder] == "INBOX" && event[.uid] == "7" && event[.reason] == AuditReason.missed.words)
        #expect(try await running.fetcher.audit().unaccounted == 0)
        #expect(try await account(test).unaccounted == 0)
        await running.stop()
    }

    @Test("names a message that appeared below the cursor, and has it fetched")
    func belowCursor() async throws {
        let test = try await FetchUnderTest()
        test.server.change {
            $0.append(messages(1...20))
            $0.messages[UID(12)!] = nil
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        _ = try await running.fetcher.fetch()
        test.server.change { folder in
            folder.messages[UID(12)!] = MemoryServer.Message(99)
            // As many as before: an ordinary visit does not see it.
            folder.messages[UID(20)!] = nil
        }
        #expect(try await running.fetcher.fetch().delivered == 0)
        let outcome = try await running.fetcher.audit()
        #expect(outcome.unaccounted == 1 && outcome.remaining == 0)
        #expect(outcome.folders[0].differences == [.init(uid: UID(12)!, reason: .missed, done: "fetched")])
        #expect(outcome.folders[0].numbers.notListed == 1)
        try test.expectDelivered(messages(Array(1...11) + Array(13...20) + [99]))
        await running.stop()
    }

    @Test("names the messages of a folder that was swapped, recognises the known ones and fetches the rest")
    func swapped() async throws {
        let (test, running) = try await fetched()
        // The same UIDs, the same number: in reverse order, with two that are new.
        test.server.change { folder in
            let next = folder.uidNext
            folder.renumber(folder.uidValidity, messages((3...20).reversed() + [31, 32]))
            folder.uidNext = next
        }
        #expect(try await running.fetcher.fetch().delivered == 0)
        let outcome = try await running.fetcher.audit()
        #expect(outcome.unaccounted == 20 && outcome.remaining == 0)
        #expect(outcome.folders[0].differences.count == 20)
        #expect(outcome.folders[0].differences.allSatisfy { $0.reason == .otherMessage })
        #expect(outcome.folders[0].differences.allSatisfy { $0.done == "recognised anew" })
        try test.expectDelivered(messages(Array(1...20) + [31, 32]))
        #expect(try await running.fetcher.audit().unaccounted == 0)
        await running.stop()
    }

    @Test("keeps what is not cured in `messages_unaccounted`, and lets it go when a later turn has cured it")
    func curedLater() async throws {
        let (test, running) = try await fetched()
        try Tampering.run("DELETE FROM ledger WHERE uid IN (7, 8)", in: test.temporary.directory)
        test.server.fails { request, _ in if case .fetch = request { throw Self.throttled } }
        let outcome = try await running.fetcher.audit()
        #expect(outcome.unaccounted == 2 && outcome.remaining == 2)
        #expect(outcome.failure?.condition == .throttled)
        #expect(outcome.folders[0].differences.allSatisfy { $0.done == "not cured yet" })
        #expect(try await account(test).unaccounted == 2)
        #expect(test.recorder.events(.auditFinished).first?["REMAINING"] == "2")
        test.server.works()
        #expect(try await running.fetcher.fetch().delivered == 2)
        #expect(try await account(test).unaccounted == 0)
        // From here on visits look at what is new alone, as ever.
        test.server.forgetRequests()
        _ = try await running.fetcher.fetch()
        #expect(test.server.requests.map(\.kind) == ["folders", "select"])
        await running.stop()
    }

    @Test("takes mail that arrives or is being fetched for what it is")
    func arriving() async throws {
        let (test, running) = try await fetched()
        test.server.change { $0.append(messages(21...30)) }
        let gate = Gate()
        test.server.fails { request, _ in if case .fetch = request { try await gate.passed() } }
        async let turn = running.fetcher.fetch()
        try await test.server.state.wait(for: "the fetch") { state in
            state.requests.contains { if case .fetch(let uids) = $0 { uids.count == 10 } else { false } }
        }
        let outcome = try await running.fetcher.audit()
        #expect(outcome.unaccounted == 0)
        #expect(outcome.folders[0].numbers.arriving == 10)
        gate.open()
        #expect(try await turn.delivered == 10)
        await running.stop()
    }

    @Test("says of each message that was not fetched why")
    func notFetched() async throws {
        let test = try await FetchUnderTest { $0.maxMessageSize = 1000 }
        let large = MemoryServer.Message(3, body: String(repeating: "x", count: 2000))
        test.server.change {
            $0.append(messages([1, 2]) + [large] + messages([4]))
            $0.withheld = [UID(4)!]
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        _ = try await running.fetcher.fetch()
        let outcome = try await running.fetcher.audit()
        let told = outcome.folders[0].notFetched
        #expect(told.map(\.uid.rawValue) == [3, 4] && told.map(\.state) == [.tooLarge, .deferred])
        #expect(told[0].reason?.contains("limit 1000") == true && told[1].reason?.contains("did not send it") == true)
        #expect(outcome.unaccounted == 0)
        #expect(outcome.folders[0].numbers.states == [.delivered: 2, .tooLarge: 1, .deferred: 1])
        await running.stop()
    }

    @Test("of a folder that has moved has it recovered first, and blames nobody")
    func moved() async throws {
        let (test, running) = try await fetched()
        test.server.change { $0.renumber(8, messages(Array(1...20) + [21])) }
        let outcome = try await running.fetcher.audit()
        #expect(outcome.unaccounted == 0 && outcome.folders[0].failure == nil)
        #expect(outcome.folders[0].numbers.listed == 21)
        try test.expectDelivered(messages(1...21))
        await running.stop()
    }

    @Test("closes what the server never gave and does not list any more")
    func deferredGone() async throws {
        let test = try await FetchUnderTest()
        test.server.change {
            $0.append(messages(1...20))
            $0.withheld = [UID(4)!]
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        for _ in 0..<4 { _ = try await running.fetcher.fetch() }
        test.server.change { $0.messages[UID(4)!] = nil }
        let outcome = try await running.fetcher.audit()
        #expect(outcome.unaccounted == 0)
        #expect(
            outcome.folders[0].differences == [.init(uid: UID(4)!, reason: .openNotListed, done: "closed as gone")])
        let folder = try await test.folder()
        let row = try await test.store.read { try $0.ledger.find(folder.id, epoch: folder.epoch, uid: UID(4)!) }
        #expect(row?.state == .gone)
        await running.stop()
    }

    @Test("compares unique-ids alone with POP3, and no turn is under way meanwhile")
    func pop3() async throws {
        let (test, running) = try await fetched { $0.mailProtocol = .pop3 }
        try Tampering.run("DELETE FROM ledger WHERE uid = 7", in: test.temporary.directory)
        test.server.forgetRequests()
        let gate = Gate()
        test.server.fails { request, _ in if case .look(nil, _) = request { try await gate.passed() } }
        async let audit = running.fetcher.audit()
        try await test.server.state.wait(for: "the list") { $0.requests.contains(.look(from: nil, anchors: 0)) }
        async let turn = running.fetcher.fetch()
        // A turn that did not wait would be through by then.
        for _ in 0..<5000 { await Task.yield() }
        #expect(test.server.requests.count { $0.kind == "select" } == 1)
        gate.open()
        #expect(try await audit.unaccounted == 1)
        _ = try await turn
        #expect(test.server.requests.allSatisfy { if case .describe = $0 { false } else { true } })
        await running.stop()
    }

    @Test("ends with its fetcher, wherever it is", arguments: [ReceiveSettings.MailProtocol.imap, .pop3])
    func stopped(mailProtocol: ReceiveSettings.MailProtocol) async throws {
        let (test, running) = try await fetched { $0.mailProtocol = mailProtocol }
        test.server.forgetRequests()
        let gate = Gate()
        test.server.fails { request, _ in if request.kind == "look" { try await gate.passed() } }
        let audit = Task { try await running.fetcher.audit() }
        try await test.server.state.wait(for: "the list") { $0.requests.contains { $0.kind == "look" } }
        await running.fetcher.fetchSoon()
        await running.stop()
        await #expect(throws: (any Error).self) { try await audit.value }
        #expect(test.server.state.value.open.isEmpty)
    }

    @Test("that runs already is the one that is asked for")
    func joined() async throws {
        let (test, running) = try await fetched()
        test.server.forgetRequests()
        async let one = running.fetcher.audit()
        async let other = running.fetcher.audit()
        _ = try await (one, other)
        #expect(test.server.requests.count { $0 == .open } == 1)
        await running.stop()
    }

    @Test("of a missing folder says so, and audits the others")
    func missingFolder() async throws {
        let (test, running) = try await fetched {
            $0.folders = [FolderSettings(selector: .role(.inbox)), FolderSettings(selector: .name("Nirgends"))]
        }
        let outcome = try await running.fetcher.audit()
        #expect(outcome.folders.map(\.path.description) == ["Nirgends", "INBOX"])
        #expect(outcome.folders[0].failure != nil && outcome.folders[1].failure == nil)
        #expect(outcome.folders[1].numbers.listed == 20)
        await running.stop()
        #expect(test.server.state.value.open.isEmpty)
    }

    @Test("that cannot reach the server fails, and counts for no night")
    func unreachable() async throws {
        let (test, running) = try await fetched()
        test.server.fails { request, _ in if request == .open { throw MemoryServer.connectionLost } }
        await #expect(throws: Failure.self) { try await running.fetcher.audit() }
        #expect(try await account(test).audited == nil)
        await running.stop()
        await #expect(throws: Failure.self) { try await running.fetcher.audit() }
    }
}
