import Diagnostics
import MailModel
import Sessions
import TestSupport
import Testing

@testable import Fetching

@Suite("A second connection, where much old mail waits,") struct SecondSessionTests {
    private static let old = 1...3000

    private func mailbox(_ old: ClosedRange<Int> = old) async throws -> FetchUnderTest {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(old)) }
        return test
    }

    private func fetcher(_ test: FetchUnderTest) -> RunningFetcher {
        test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
    }

    @Test("fetches what the first does not, and is closed when all is there")
    func shares() async throws {
        let test = try await mailbox()
        test.server.fetchesMeet()
        let running = fetcher(test)
        #expect(try await running.fetcher.fetch().delivered == 3000)
        #expect(test.server.state.value.opened == 2)
        let fetched = test.server.fetched
        #expect(fetched.reduce(0) { $0 + $1.count } == 3000)
        #expect(fetched.reduce(UIDSet()) { $0.union($1) }.count == 3000)
        // The last slices are small, so that neither waits for the other.
        #expect((fetched.last?.count ?? 0) <= 200)
        try await test.server.state.wait(for: "the end of the second session") { $0.open.count == 1 }
        #expect(try await !test.folder().isBackfilling)
        #expect(await running.fetcher.status.backfills.isEmpty)
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }

    @Test("is not opened for what one does soon, nor with a mailbox that lets only one in")
    func alone() async throws {
        let few = try await mailbox(1...1499)
        let running = fetcher(few)
        #expect(try await running.fetcher.fetch().delivered == 1499)
        #expect(few.server.state.value.opened == 1)
        await running.stop()

        let exclusive = try await mailbox()
        exclusive.server.state.update { $0.keepsSession = false }
        exclusive.server.fails { request, _ in
            if request == .open { #expect(exclusive.server.state.value.open.isEmpty) }
        }
        let other = fetcher(exclusive)
        #expect(try await other.fetcher.fetch().delivered == 3000)
        await other.stop()
        try exclusive.expectDelivered(messages(Self.old))
    }

    @Test("that is refused leaves all to the first, is told of once, and tried again later")
    func refused() async throws {
        let test = try await mailbox()
        let refused = Gate()
        test.server.fails { request, count in
            if request == .open, count == 2 {
                refused.open()
                throw Failure(
                    .account, .later(after: nil), operation: "AUTHENTICATE", reason: "Too many connections.")
            }
            // It is refused before all is fetched.
            if request.kind == "fetch" { try await refused.passed() }
        }
        let running = fetcher(test)
        #expect(try await running.fetcher.fetch().delivered == 3000)
        #expect(await running.fetcher.status.health.state == .ok)
        #expect(test.recorder.events(.secondConnectionFailed).count == 1)
        test.server.change { $0.append(messages(3001...5000)) }
        #expect(try await running.fetcher.fetch().delivered == 2000)
        #expect(test.server.state.value.opened == 1)
        test.clock.advance(by: Limits.secondSessionRest)
        test.server.change { $0.append(messages(5001...7000)) }
        test.server.fetchesMeet(after: test.server.fetched.count)
        #expect(try await running.fetcher.fetch().delivered == 2000)
        #expect(test.server.state.value.opened == 2)
        await running.stop()
        try test.expectDelivered(messages(1...7000))
    }

    @Test("that breaks off in the middle of a slice loses nothing, and nothing comes twice")
    func brokenOff() async throws {
        let test = try await mailbox()
        test.server.fetchesMeet()
        // Ten messages whole, and one half.
        test.server.failsAtPiece(of: 2) { if $0 == 42 { throw MemoryServer.connectionLost } }
        let running = fetcher(test)
        #expect(try await running.fetcher.fetch().delivered == 3000)
        #expect(await running.fetcher.status.health.state == .ok)
        #expect(test.recorder.events(.secondConnectionFailed).count == 1)
        #expect(await running.fetcher.status.delivered == 3000)
        try await test.server.state.wait(for: "the end of the second session") { $0.open == [1] }
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }

    /// Pairs of mails that look the same are held until the end, and are lost with the connection.
    @Test("that breaks off later loses nothing of the slices before, also of what was not decided yet")
    func undecided() async throws {
        let test = try await FetchUnderTest()
        let pairs = Self.old.map { MemoryServer.Message($0 / 2, body: "\($0)") }
        test.server.change { $0.append(pairs) }
        test.server.fetchesMeet()
        // The first slices are of fifty messages, four pieces each: this is in a later one.
        test.server.failsAtPiece(of: 2) { if $0 == 204 { throw MemoryServer.connectionLost } }
        let running = fetcher(test)
        #expect(try await running.fetcher.fetch().delivered == 3000)
        #expect(test.recorder.events(.secondConnectionFailed).count == 1)
        await running.stop()
        try test.expectDelivered(pairs)
    }

    @Test("that was kept and that the server closed meanwhile is replaced at the next occasion, and nobody is told")
    func replaced() async throws {
        let test = try await mailbox(1...12_000)
        let running = fetcher(test)
        let (first, second) = (Gate(), Gate())
        let isAsked = Watched(false)
        test.server.fails { [fetcher = running.fetcher, server = test.server] request, count in
            // In the turn nobody fetches.
            if request == .folders, isAsked.value { server.state.update { $0.lost = [2] } }
            guard request.kind == "fetch" else { return }
            switch count {
            case 1:
                first.open()
                try await second.passed()
            case 2:
                second.open()
                try await first.passed()
            case 3, 6:
                // New mail is to be looked for, and then old mail is fetched again.
                isAsked.update { $0 = true }
                await fetcher.fetchSoon()
            default: break
            }
        }
        #expect(try await running.fetcher.fetch().delivered == 12_000)
        #expect(test.server.state.value.opened == 3)
        #expect(test.recorder.events(.secondConnectionFailed).isEmpty)
        await running.stop()
        try test.expectDelivered(messages(1...12_000))
    }

    @Test("that hangs keeps new mail waiting for a short time only")
    func hangs() async throws {
        let test = try await mailbox()
        test.server.fetchesMeet()
        test.server.state.update { $0.hanging = [2] }
        let running = fetcher(test)
        let isDone = Watched(false)
        let all = Task { [fetcher = running.fetcher] in
            defer { isDone.update { $0 = true } }
            return try await fetcher.fetch()
        }
        while !isDone.value { try await test.clock.advanceToNextDeadline() }
        #expect(try await all.value.delivered == 3000)
        #expect(test.recorder.events(.secondConnectionFailed).count == 1)
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }

    @Test("ends with the first, whose failure counts")
    func firstLost() async throws {
        let test = try await mailbox()
        test.server.fetchesMeet()
        test.server.failsAtPiece(of: 1) { if $0 == 42 { throw MemoryServer.connectionLost } }
        let running = fetcher(test)
        await #expect(throws: Failure.self) { try await running.fetcher.fetch() }
        #expect(test.server.state.value.open.isEmpty)
        test.server.works()
        _ = try await running.fetcher.fetch()
        #expect(await running.fetcher.status.health.state == .ok)
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }

    @Test("delivers what it holds when the account is stopped")
    func stopped() async throws {
        let test = try await mailbox()
        test.server.fetchesMeet()
        var running = fetcher(test)
        let all = Task { [fetcher = running.fetcher] in try await fetcher.fetch() }
        try await test.server.state.wait(for: "two slices") { state in
            state.requests.count { $0.kind == "fetch" } >= 2
        }
        await running.stop()
        await #expect(throws: Failure.self) { try await all.value }
        #expect(test.server.state.value.open.isEmpty)
        running = fetcher(test)
        _ = try await running.fetcher.fetch()
        await running.stop()
        try test.expectDelivered(messages(Self.old))
    }
}
