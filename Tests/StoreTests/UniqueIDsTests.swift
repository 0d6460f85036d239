import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Unique-ids of POP3")
struct UniqueIDsTests {
    @Test("Numbers are stable and ascending, and repetitions within a listing have their own")
    func numbers() async throws {
        let temporary = try TemporaryStore()
        let folder = try await temporary.store.write { transaction in
            let account = try transaction.accounts.ensure(.support, at: .epoch)
            let folder = try transaction.folders.ensure(account, serverName: "INBOX")
            return try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(1))
        }
        let number: @Sendable ([String]) async throws -> [UInt32] = { listed in
            try await temporary.store.write { transaction in
                try transaction.uniqueIDs.number(folder.id, epoch: folder.epoch, listed).map(\.rawValue)
            }
        }
        #expect(try await number(["a", "b", "a"]) == [1, 2, 3])
        #expect(try await number(["b", "c", "a", "a", "a"]) == [2, 4, 1, 3, 5])
        #expect(try await number([]) == [])
        let seen = try await temporary.store.read { transaction in
            try transaction.uniqueIDs.numbers(folder.id, epoch: folder.epoch, of: ["x", "b"])
        }
        #expect(seen == [nil, UID(2)])
        let text = try await temporary.store.read { transaction in
            try transaction.uniqueIDs.uniqueID(folder.id, epoch: folder.epoch, of: UID(4)!)
        }
        #expect(text == "c")
    }
}
