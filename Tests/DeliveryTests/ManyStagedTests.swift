import Diagnostics
import Glibc
import MailModel
import Store
import Synchronization
import TestSupport
import Testing

@testable import Delivery

/// More messages in staging than one page or one batch holds.
@Suite("Many staged messages") struct ManyStagedTests {
    private static let start = Timestamp(seconds: 1_800_000_000)

    private let temporary: TemporaryStore
    private let directory: TemporaryDirectory
    private let account: AccountID
    private let folder: DeliveryFolder
    private var store: Store { temporary.store }
    private var maildir: Maildir { folder.destinations[0].maildir }

    init() async throws {
        let temporary = try TemporaryStore()
        let directory = try TemporaryDirectory(prefix: "many")
        let owner = Account(name: try #require(AccountName("anna")), address: "anna@example.test")
        let (id, stored) = try await temporary.store.write { transaction in
            let id = try transaction.accounts.ensure(owner.name, at: Self.start)
            let folder = try transaction.folders.ensure(id, serverName: "INBOX")
            return (id, try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(1)))
        }
        let path = FolderPath(["INBOX"])
        let destination = try MaildirDestination(
            try #require(DestinationName("mail")), settings: MaildirSettings(path: directory("mail")), account: owner,
            folder: path)
        self.temporary = temporary
        self.directory = directory
        account = id
        folder = DeliveryFolder(
            account: owner.name, path: path, id: stored.id, epoch: stored.epoch,
            rules: CopyRules(account: stored.account, folder: stored.id, overlap: .once), destinations: [destination])
    }

    @Test("are all left alone by the sweep and published afterwards, and only what has no row is removed")
    func sweep() async throws {
        let messages = try (1...1_500).map { try stage(UInt32($0)) }
        try await store.write { [folder] in
            _ = try $0.ledger.stage(folder.id, epoch: folder.epoch, messages, at: Self.start)
        }
        close(open(maildir.staging + "/orphan.S\(store.mark).host", O_CREAT | O_WRONLY, 0o600))
        let recovery = DeliveryRecovery(store: store, clock: TestClock(now: Self.start))
        // Everything is older than a process that starts in the far future.
        let removed = try await recovery.sweep([maildir], startedAt: Timestamp(seconds: 4_000_000_000))
        #expect(removed == 1)
        #expect(Directory.names(in: maildir.staging).count == 1_500)
        #expect(try await recovery.run(account) == 1_500)
        #expect(Directory.names(in: maildir.path + "/new").count == 1_500)
    }

    @Test("share no more than their limit in a commit, also when they come in one chunk")
    func batches() async throws {
        let pipeline = DeliveryPipeline(
            folder: folder, store: store, clock: CountingClock(), log: .silent, hostName: "host")
        try await pipeline.take((1...2_300).flatMap { Self.pieces(UInt32($0)) })
        #expect(try await pipeline.finish().delivered == 2_300)
        var sizes: [Timestamp: Int] = [:]
        var last: UID?
        while true {
            let page = try await store.read { [folder, last] in
                try $0.ledger.page(folder.id, epoch: folder.epoch, after: last)
            }
            guard let end = page.last else { break }
            for row in page { sizes[row.noted, default: 0] += 1 }
            last = end.uid
        }
        #expect(sizes.values.reduce(0, +) == 2_300)
        #expect(sizes.values.allSatisfy { $0 <= Limits.largestBatchMessages }, "\(sizes.values.sorted())")
    }

    private static func octets(_ number: UInt32) -> [UInt8] {
        Array("Message-ID: <\(number)@example.org>\r\n\r\nHello \(number).\r\n".utf8)
    }

    private static func pieces(_ number: UInt32) -> [MessagePiece] {
        [.begin, .bytes(octets(number)[...]), .end(MessageAttributes(uid: UID(number) ?? .max))]
    }

    private func stage(_ number: UInt32) throws -> StagedMessage {
        try maildir.prepare()
        let incoming = try IncomingMessage(to: folder.destinations) { "1800000000.K\($0).host" }
        try incoming.write(Self.octets(number)[...])
        return try incoming.finish(MessageAttributes(uid: try #require(UID(number))))
    }
}

/// Each time it is asked it is one second later, so that what was written at the same time was written together.
private final class CountingClock: WallClock {
    private let asked = Mutex<Int64>(1_800_000_000)

    var now: Timestamp {
        asked.withLock { asked in
            asked += 1
            return Timestamp(seconds: asked)
        }
    }

    func sleep(until deadline: Timestamp) async throws {}
}
