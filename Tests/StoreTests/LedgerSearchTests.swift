import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Looking through the ledger")
struct LedgerSearchTests {
    private let temporary: TemporaryStore
    private var store: Store { temporary.store }
    private let inbox: StoredFolder
    private let archive: StoredFolder

    init() async throws {
        temporary = try TemporaryStore()
        (inbox, archive) = try await temporary.store.write { transaction in
            let account = try transaction.accounts.ensure(.support, at: .epoch)
            let folders = try ["INBOX", "Archive"].map { name in
                let folder = try transaction.folders.ensure(account, serverName: name)
                return try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(7))
            }
            return (folders[0], folders[1])
        }
    }

    /// Messages 1… are delivered from `folder`, a second apart.
    private func deliver(_ seeds: ClosedRange<UInt32>, from folder: StoredFolder) async throws {
        let staged = seeds.map { StagedMessage.sample(UID($0)!, seed: $0) }
        try await store.write { transaction in
            let ids = try transaction.ledger.stage(folder.id, epoch: folder.epoch, staged, at: .epoch)
            for (id, seed) in zip(ids, seeds) {
                try transaction.ledger.deliver([id], to: .inbox, at: .epoch + .seconds(Int64(seed)))
            }
        }
    }

    private func all(_ question: LedgerQuestion, limit: Int = .max) async throws -> (rows: [LedgerRow], reads: Int) {
        var rows: [LedgerRow] = []
        var reads = 0
        var after: LedgerID?
        repeat {
            let part = try await store.read { [after] in try $0.ledger.find(question, after: after, limit: limit) }
            rows += part.rows
            after = part.last
            reads += 1
        } while after != nil
        return (rows, reads)
    }

    @Test("finds a Message-ID in all folders and states, and no other one")
    func messageID() async throws {
        try await deliver(1...9, from: inbox)
        try await store.write { [archive] transaction in
            try transaction.ledger.note(
                archive.id, epoch: archive.epoch, uid: .min, as: .tooLarge, traits: .sample(5), reason: "60 MB",
                at: .epoch)
        }
        let hash = try #require(MessageTraits.sample(5).messageIDHash)
        let found = try await all(LedgerQuestion(.messageID(hash))).rows
        #expect(found.map(\.state) == [.delivered, .tooLarge])
        #expect(found.map(\.folder) == [inbox.id, archive.id])
        let here = try await all(LedgerQuestion(.messageID(hash), in: [archive.id])).rows
        #expect(here.map(\.reason) == ["60 MB"])
        #expect(try await all(LedgerQuestion(.messageID(hash), in: [])).rows.isEmpty)
        #expect(try await all(LedgerQuestion(.messageID([1, 2]))).rows.isEmpty)
    }

    @Test("finds by key, and what was delivered or else written down in a time")
    func keyAndTime() async throws {
        try await deliver(1...9, from: inbox)
        try await store.write { [archive] transaction in
            try transaction.ledger.note(
                archive.id, epoch: archive.epoch, uid: .min, as: .skipped, at: .epoch + .seconds(3))
        }
        let found = try await all(LedgerQuestion(.time((.epoch + .seconds(2))..<(.epoch + .seconds(4))))).rows
        #expect(found.map(\.uid.rawValue) == [2, 3, 1])
        #expect(found.map(\.state) == [.delivered, .delivered, .skipped])
        let key = StagedMessage.sample(.min, seed: 7).deliveryKey
        #expect(try await all(LedgerQuestion(.key(key))).rows.map(\.uid.rawValue) == [7])
        #expect(try await all(LedgerQuestion(.key(key), in: [archive.id])).rows.isEmpty)
        let names = try await store.read { try $0.ledger.destinations(of: found[0].id) }
        #expect(names == [.inbox])
        #expect(try await store.read { try $0.ledger.destinations(of: found[2].id) } == [])
    }

    @Test("goes on where a page ended, and nothing comes twice", arguments: [1, 2, 3, 9, 10])
    func pages(limit: Int) async throws {
        try await deliver(1...9, from: inbox)
        let (found, _) = try await all(LedgerQuestion(.time(.epoch..<(.epoch + .seconds(99)))), limit: limit)
        #expect(found.map(\.uid.rawValue) == Array(1...9))
    }

    @Test("takes many short reads for a long ledger")
    func manyReads() async throws {
        let batch = (1...45_000 as ClosedRange<UInt32>).map { StagedMessage.sample(UID($0)!, seed: $0) }
        for start in stride(from: 0, to: batch.count, by: 5_000) {
            let part = Array(batch[start..<start + 5_000])
            try await store.write { [inbox] in
                try $0.ledger.stage(inbox.id, epoch: inbox.epoch, part, at: .epoch)
            }
        }
        let hash = try #require(batch[44_321].traits.messageIDHash)
        let (found, reads) = try await all(LedgerQuestion(.messageID(hash)))
        #expect(found.map(\.uid.rawValue) == [44_322])
        #expect(reads == 3)
    }
}
