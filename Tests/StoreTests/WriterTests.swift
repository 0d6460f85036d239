import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Writer")
struct WriterTests {
    @Test("Units that wait together share commits, and one that throws undoes only itself")
    func groupCommit() async throws {
        let temporary = try TemporaryStore()
        let store = temporary.store
        let counter = await CrashAfterCommits.count(store)
        let outcomes = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<100 {
                group.addTask {
                    do {
                        try await store.write { transaction in
                            _ = try transaction.accounts.ensure(try #require(AccountName("a\(number)")), at: .epoch)
                            if number.isMultiple(of: 10) { throw Refused() }
                        }
                        return true
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(outcomes == 90)
        #expect(counter.commits < 100)
        let names = try await store.read { try $0.accounts.all().map(\.name.text) }
        #expect(names.count == 90)
        #expect(!names.contains("a10"))
    }

    @Test("What was written before its unit threw is undone")
    func savepoint() async throws {
        let temporary = try TemporaryStore()
        await #expect(throws: Refused.self) {
            try await temporary.store.write { transaction in
                _ = try transaction.accounts.ensure(.support, at: .epoch)
                throw Refused()
            }
        }
        #expect(try await temporary.store.read { try $0.accounts.all() }.isEmpty)
        #expect(temporary.store.health == .ok)
    }

    @Test("A closed store refuses and says why")
    func closed() async throws {
        let temporary = try TemporaryStore()
        await temporary.store.close()
        await #expect(throws: Failure.self) { try await temporary.store.write { _ in } }
        await #expect(throws: Failure.self) { try await temporary.store.read { _ in } }
    }

    @Test("A store that was closed starts clean, one that was dropped does not")
    func cleanStop() async throws {
        let directory = try TemporaryStore.makeDirectory()
        defer { TemporaryStore.remove(directory) }
        let first = try Store.open(in: directory)
        #expect(!first.previousStopWasUnclean)
        await first.close()
        withExtendedLifetime(first) {}
    }
}

struct Refused: Error {}
