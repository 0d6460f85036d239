import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("An account's fetcher") struct AccountFetcherTests {
    private static let refused = Failure(
        .direction, .whenReauthorized, operation: "sign in", reason: "The owner must sign in.")
    private static let folderBroken = Failure(
        .folder, .later(after: nil), operation: "SELECT", reason: "The folder is broken.")

    // MARK: When

    @Test("fetches at its first turn, and then at its interval, give or take a tenth")
    func schedule() async throws {
        let test = try await FetchUnderTest { $0.pollInterval = .seconds(1000) }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(40))
        #expect(try await test.clock.advanceToNextDeadline() == FetchUnderTest.start + .seconds(40))
        var last = test.clock.now
        for turn in 1...5 {
            try await test.server.state.wait(for: "turn \(turn)") { state in
                state.requests.count { $0.kind == "select" } == turn
            }
            let next = try await test.clock.advanceToNextDeadline()
            #expect(next - last >= .seconds(900) && next - last <= .seconds(1100))
            last = next
        }
        #expect(test.server.state.value.opened == 1, "the session is kept between turns")
        await running.stop()
        #expect(test.server.state.value.open.isEmpty)
    }

    @Test("fetches at once when asked, and tells what came")
    func asked() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...3)) }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let turn = try await running.fetcher.fetch()
        #expect(turn.delivered == 3)
        #expect(turn.octets == messages(1...3).reduce(0) { $0 + Int64($1.octets.count) })
        #expect(await running.fetcher.status.delivered == 3)
        #expect(await running.fetcher.status.last?.delivered == 3)
        await running.stop()
        try test.expectDelivered(messages(1...3))
    }

    @Test("tells of the last real fetch when a pause came and the turn that went on failed")
    func failedUnderPause() async throws {
        let test = try await FetchUnderTest()
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        let turn = try await running.fetcher.fetch()
        test.clock.advance(by: .seconds(60))
        test.server.fails { [fetcher = running.fetcher] _, _ in
            await fetcher.pause(StoredAccount.Pauses(account: .distantFuture))
            throw Failure(.direction, .later(after: nil), operation: "LIST", reason: "Not now.")
        }
        await #expect(throws: Failure.self) { try await running.fetcher.fetch() }
        await running.stop()
        #expect(await running.fetcher.status.last?.at == turn.at)
    }

    @Test("tells whoever asks during a turn of the next one: the present one may be past their mail")
    func askedDuringATurn() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages([1])) }
        let (fetching, go) = (Gate(), Gate())
        test.server.fails { request, _ in
            guard request.kind == "fetch" else { return }
            fetching.open()
            try await go.passed()
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start - .seconds(1))
        try await fetching.passed()
        test.server.change { $0.append(messages([2])) }
        let asked = Task { try await running.fetcher.fetch() }
        try await heard(test, running.fetcher)
        go.open()
        #expect(try await asked.value.delivered == 1)
        await running.stop()
        try test.expectDelivered(messages([1, 2]))
    }

    @Test("needs no other turn for whoever asks while it signs in", arguments: [true, false])
    func askedDuringSignIn(keepsSession: Bool) async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages([1])) }
        test.server.state.update { $0.keepsSession = keepsSession }
        let (listing, go) = (Gate(), Gate())
        test.server.fails { request, count in
            guard request.kind == "folders", count == 1 else { return }
            listing.open()
            try await go.passed()
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start - .seconds(1))
        try await listing.passed()
        let asked = Task { try await running.fetcher.fetch() }
        try await heard(test, running.fetcher)
        go.open()
        // What POP3 lists is as of the sign-in, so that mail may have come after it.
        #expect(try await asked.value.delivered == (keepsSession ? 1 : 0))
        await running.stop()
        #expect(test.server.state.value.requests.count { $0.kind == "select" } == (keepsSession ? 1 : 2))
        // Perhaps they ask because a folder was made.
        #expect(test.server.state.value.requests.count { $0.kind == "folders" } == (keepsSession ? 2 : 3))
    }

    // MARK: What goes wrong

    @Test("goes on with the other folders when one fails, and says which")
    func folderFails() async throws {
        let test = try await FetchUnderTest {
            $0.folders = [FolderSettings(selector: .pattern("*")), FolderSettings(selector: .name("Missing"))]
            $0.foldersOverlap = .each
        }
        for name in ["A", "B", "INBOX"] { test.server.change(name) { $0.append(messages([1])) } }
        test.server.fails { request, _ in if request == .select("A") { throw Self.folderBroken } }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        #expect(try await running.fetcher.fetch().delivered == 2)
        let status = await running.fetcher.status
        #expect(status.health.state == .ok)
        #expect(Set(status.folderFailures.keys) == ["A", "Missing"])
        // Said once, not at every turn.
        _ = try await running.fetcher.fetch()
        #expect(test.recorder.events(.failure).count == 2)
        test.server.works()
        #expect(try await running.fetcher.fetch().delivered == 1)
        #expect(await Set(running.fetcher.status.folderFailures.keys) == ["Missing"])
        await running.stop()
        for folder in ["/.A", "/.B", ""] { try test.expectDelivered(messages([1]), in: folder) }
    }

    @Test("takes a fresh session at once when a kept one turns out to be lost")
    func sessionLost() async throws {
        let test = try await FetchUnderTest()
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        _ = try await running.fetcher.fetch()
        test.server.change { $0.append(messages(1...2)) }
        test.server.fails { request, count in
            if request.kind == "select", count == 2 { throw MemoryServer.connectionLost }
        }
        #expect(try await running.fetcher.fetch().delivered == 2)
        #expect(test.server.state.value.opened == 2)
        #expect(await running.fetcher.status.health.state == .ok)
        #expect(test.recorder.events(.accountStateChanged).isEmpty)
        await running.stop()
        #expect(test.server.state.value.open.isEmpty)
    }

    @Test("waits when a fresh session fails too, and goes on by itself")
    func unreachable() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages([1])) }
        test.server.fails { request, count in
            if request.kind == "open", count < 3 { throw MemoryServer.connectionLost }
        }
        let running = test.fetcher()
        try await test.clock.sleepers()
        #expect(await running.fetcher.status.health.state == .waiting)
        #expect(await running.fetcher.status.next.map { $0 <= FetchUnderTest.start + .seconds(18) } == true)
        try await test.clock.advanceToNextDeadline()
        try await test.clock.sleepers()
        try await test.clock.advanceToNextDeadline()
        try await test.clock.sleepers()
        #expect(await running.fetcher.status.health.state == .ok)
        let states = test.recorder.events(.accountStateChanged)
        #expect(states.count == 2)
        await running.stop()
        try test.expectDelivered(messages([1]))
    }

    @Test("is parked when its owner must sign in, probes, and says it once")
    func parked() async throws {
        let test = try await FetchUnderTest()
        test.server.fails { request, _ in if request == .open { throw Self.refused } }
        let running = test.fetcher()
        var moments: [Int64] = []
        for _ in 0..<4 {
            let next = try await test.clock.advanceToNextDeadline()
            moments.append((next - FetchUnderTest.start).components.seconds)
        }
        #expect(moments == [300, 900, 3600, 7200])
        try await test.clock.sleepers()
        #expect(await running.fetcher.status.health.state == .needsAuthorization)
        #expect(test.recorder.events(.accountStateChanged).count == 1)
        await running.stop()
    }

    @Test("tries at once when asked although it is parked, and tells why it failed")
    func askedWhileParked() async throws {
        let test = try await FetchUnderTest()
        test.server.fails { request, _ in if request == .open { throw Self.refused } }
        let running = test.fetcher()
        try await test.clock.sleepers()
        let failure = await #expect(throws: Failure.self) { try await running.fetcher.fetch() }
        #expect(failure?.retry == .whenReauthorized)
        #expect(test.server.requests == [.open, .open])
        test.server.works()
        await running.fetcher.tryAtOnce()
        try await test.server.state.wait(for: "a session") { $0.opened == 1 }
        await running.stop()
        #expect(test.clock.now == FetchUnderTest.start)
    }

    @Test("is not disturbed by a change of something else while all is well")
    func notDisturbed() async throws {
        let test = try await FetchUnderTest()
        let running = test.fetcher()
        try await test.clock.sleepers()
        let deadlines = test.clock.deadlines
        await running.fetcher.tryAtOnce()
        #expect(test.clock.deadlines == deadlines)
        await running.stop()
        #expect(test.server.requests.count { $0.kind == "select" } == 1)
    }

    // MARK: Its end and its beginning

    @Test("tells those who wait that it ends, and those who come later")
    func ends() async throws {
        let test = try await FetchUnderTest()
        let fetching = Gate()
        test.server.change { $0.append(messages([1])) }
        test.server.fails { request, _ in
            guard request.kind == "fetch" else { return }
            fetching.open()
            // Until it is cancelled.
            try await Gate().passed(within: .seconds(86400))
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start - .seconds(1))
        try await fetching.passed()
        let asked = Task { try await running.fetcher.fetch() }
        try await heard(test, running.fetcher)
        await running.stop()
        await #expect(throws: Failure.self) { try await asked.value }
        await #expect(throws: Failure.self) { try await running.fetcher.fetch() }
        #expect(test.server.state.value.open.isEmpty)
        #expect(test.recorder.events(.accountStateChanged).isEmpty, "being stopped is no failure")
    }

    @Test("publishes what an earlier process staged before it asks the server for anything")
    func recovers() async throws {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...2)) }
        try await test.visit()
        test.server.change { $0.append(messages([3])) }
        // As a crash between the two commits leaves it: the row is there, the file is still staged.
        let staged = test.directory("mail/postbote-staging/1.K3.host")
        try Directory.write(MemoryServer.Message(3).octets, to: staged)
        try await stageRow(UID(3)!, staged, test)
        let (seen, new) = (Watched<Int?>(nil), test.directory("mail/new"))
        test.server.fails { request, _ in
            if request == .open { seen.update { $0 = Directory.names(in: new).count } }
        }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        #expect(try await running.fetcher.fetch().delivered == 0)
        #expect(seen.value == 3)
        await running.stop()
        try test.expectDelivered(messages(1...3))
    }

    private func stageRow(_ uid: UID, _ path: String, _ test: FetchUnderTest) async throws {
        let folder = try await test.folder()
        let destination = try #require(test.destinations.keys.first)
        try await test.store.write { transaction in
            var generator = SystemRandomNumberGenerator()
            let message = StagedMessage(
                uid: uid, deliveryKey: DeliveryKey(using: &generator), traits: MessageTraits(),
                contentHash: ContentHash.Stream().finish(), contentSize: 0, destinations: [(destination, path)])
            try transaction.ledger.stage(folder.id, epoch: folder.epoch, [message], at: FetchUnderTest.start)
        }
    }

    /// Returns when somebody who asked has been heard.
    private func heard(_ test: FetchUnderTest, _ fetcher: AccountFetcher) async throws {
        try await within(.seconds(60), "the question") { [clock = test.clock] in
            while await fetcher.status.next != clock.now { await Task.yield() }
        }
    }
}
