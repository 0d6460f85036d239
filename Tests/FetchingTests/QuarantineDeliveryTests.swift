import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@testable import Fetching

@Suite("What is delivered from quarantine") struct QuarantineDeliveryTests {
    /// The account's fetcher, without its turns.
    private func fetcher(_ test: FetchUnderTest) -> AccountFetcher {
        AccountFetcher(
            account: test.account, settings: test.settings, accountID: test.accountID,
            destinations: test.destinations, connector: test.server, environment: test.environment,
            firstTurn: FetchUnderTest.start)
    }

    /// A message of a folder that stepped aside, with bytes that the server gave in its place.
    private func quarantined(_ number: Int, in name: String, _ test: FetchUnderTest) async throws -> Obstacle {
        var generator = SystemRandomNumberGenerator()
        let source = try test.directory.file(
            "bytes", String(decoding: MemoryServer.Message(number).octets, as: UTF8.self))
        let file = try await test.store.quarantine.keep(source, as: DeliveryKey(using: &generator))
        let folder = try await test.folder(name)
        try await test.store.write {
            _ = try $0.obstacles.record(
                folder.id, epoch: folder.epoch, uid: UID(9)!, nextAttempt: nil, reason: "a stub", file: file,
                at: FetchUnderTest.start)
        }
        let found = try await test.store.read { try $0.obstacles.quarantined() }
        return try #require(found.first { $0.folder == folder.id })
    }

    @Test("leaves what is known in other folders where it is", arguments: ["Archive", "Gel&APY-scht"])
    func otherFolders(name: String) async throws {
        let test = try await FetchUnderTest {
            $0.folders = ["INBOX", "Archive", "Gelöscht"].map { FolderSettings(selector: .name($0)) }
        }
        for folder in ["INBOX", name] {
            test.server.change(folder) { _ in }
            try await test.visit(folder)
        }
        let fetcher = fetcher(test)
        for folder in ["INBOX", name] {
            try await fetcher.deliver(try await quarantined(1, in: folder, test), in: try await test.folder(folder))
        }
        try test.expectDelivered(messages([1]))
        for (folder, state) in [("INBOX", LedgerState.delivered), (name, .duplicate)] {
            let stored = try await test.folder(folder)
            let row = try await test.store.read {
                try $0.ledger.find(stored.id, epoch: stored.epoch, uid: UID(9)!)
            }
            #expect(row?.state == state, "\(folder)")
        }
    }
}
