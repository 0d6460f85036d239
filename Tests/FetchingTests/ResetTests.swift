import Diagnostics
import MailModel
import TestSupport
import Testing

@testable import Fetching

@Suite("A reset") struct ResetTests {
    private func fetched() async throws -> (FetchUnderTest, RunningFetcher) {
        let test = try await FetchUnderTest()
        test.server.change { $0.append(messages(1...20)) }
        let running = test.fetcher(firstTurn: FetchUnderTest.start + .seconds(3600))
        _ = try await running.fetcher.fetch()
        return (test, running)
    }

    @Test("forgets UIDs, keeps what is known, and fetches nothing twice")
    func reset() async throws {
        let (test, running) = try await fetched()
        let before = try await test.folder()
        test.server.forgetRequests()
        let found = try await running.fetcher.reset(folder: nil, dryRun: false)
        #expect(found.map(\.folder.description) == ["INBOX"])
        test.server.change { $0.append(messages([21])) }
        #expect(try await running.fetcher.fetch().delivered == 1)
        await running.stop()
        #expect(test.server.fetched.map(\.count) == [1])
        let after = try await test.folder()
        #expect(after.epoch > before.epoch)
        #expect(after.recognised == 20)
        try test.expectDelivered(messages(1...21))
    }

    @Test("in a dry run says what it would find, and changes nothing")
    func dryRun() async throws {
        let (test, running) = try await fetched()
        let before = try await test.folder()
        test.server.change { $0.renumber(8, messages(Array(3...20) + [20, 21, 22])) }
        let found = try await running.fetcher.reset(folder: "INBOX", dryRun: true)
        #expect(found.map(\.found) == [RecoveryOutcome(known: 17, new: 4, doubtful: 1)])
        #expect(try await test.folder() == before)
        #expect(test.server.fetched.map(\.count) == [20])
        await running.stop()
    }

    @Test("in a dry run counts as the recovery will")
    func rehearsal() async throws {
        let (test, running) = try await fetched()
        test.server.change { $0.renumber(8, messages([1, 1, 1, 2, 22])) }
        let found = try await running.fetcher.reset(folder: nil, dryRun: true)
        #expect(found.map(\.found) == [RecoveryOutcome(known: 1, new: 4, doubtful: 2)])
        _ = try await running.fetcher.fetch()
        await running.stop()
        let recovered = try #require(test.recorder.events(.folderRecovered).last)
        #expect(["KNOWN", "NEW", "DOUBTFUL"].map { recovered[$0] } == ["1", "4", "2"])
    }

    @Test("of a folder that is not watched does nothing")
    func unknown() async throws {
        let (test, running) = try await fetched()
        let before = try await test.folder()
        #expect(try await running.fetcher.reset(folder: "Nowhere", dryRun: false).isEmpty)
        #expect(try await test.folder() == before)
        await running.stop()
    }
}
