import Diagnostics
import MailModel
import Store
import Synchronization
import TestSupport
import Testing

@Suite("Storage trouble")
struct StorageTroubleTests {
    @Test("A commit that fails fails everybody in it, is told, and refuses what follows until one succeeds")
    func failedCommit() async throws {
        let directory = try TemporaryDirectoryPath()
        let changes = Recorder()
        let store = try Store.open(in: directory.path) { changes.add($0) }
        await RawHandle(store).failCommits()
        let failures = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<20 {
                group.addTask {
                    do {
                        try await store.write {
                            _ = try $0.accounts.ensure(AccountName("a\(number)")!, at: .epoch)
                        }
                        return false
                    } catch let failure as Failure {
                        return failure.scope == .daemon && failure.retry == .later(after: nil)
                    } catch {
                        return false
                    }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(failures == 20)
        #expect(store.health != .ok)
        #expect(try await store.read { try $0.accounts.all() }.isEmpty, "reading goes on")
        #expect(await store.recover() == .ok)
        try await store.write { _ = try $0.accounts.ensure(.support, at: .epoch) }
        #expect(try await store.read { try $0.accounts.all() }.count == 1)
        #expect(changes.all.count == 2)
        await store.close()
    }

    @Test(
        "A full disk is said to be full, loses nothing, and heals when there is room again",
        .enabled(if: SmallDisk.isPossible, "mounting needs root"))
    func fullDisk() async throws {
        let disk = try SmallDisk(size: 2 << 20)
        let store = try Store.open(in: disk.path + "/state")
        let account = try await store.write { try $0.accounts.ensure(.support, at: .epoch) }
        var accepted: [QueueID] = []
        var failure: Failure?
        while failure == nil, accepted.count < 1000 {
            do {
                accepted.append(try await accept(store, account, seed: UInt64(accepted.count), octets: 40_000))
            } catch let error as Failure {
                failure = error
            }
        }
        #expect(failure?.reason.contains("full") == true)
        #expect(failure?.retry == .later(after: nil))
        #expect(store.health != .ok)
        #expect(!accepted.isEmpty)
        #expect(await store.recover() != .ok, "there is still no room")
        try disk.grow(to: 16 << 20)
        #expect(await store.recover() == .ok)
        accepted.append(try await accept(store, account, seed: 1001, octets: 40_000))
        await store.close()
        let again = try Store.open(in: disk.path + "/state")
        for id in accepted { #expect(try await again.body(of: id).size == 40_000) }
        try await again.check()
        await again.close()
    }

    @Test(
        "A body file that does not fit is refused before anything is acknowledged, and leaves nothing behind",
        .enabled(if: SmallDisk.isPossible, "mounting needs root"))
    func fullSpool() async throws {
        let disk = try SmallDisk(size: 4 << 20)
        let store = try Store.open(in: disk.path + "/state")
        let account = try await store.write { try $0.accounts.ensure(.support, at: .epoch) }
        let room = disk.freeSpace / 2
        let failure = await #expect(throws: Failure.self) {
            try await accept(store, account, seed: 1, octets: 8 << 20)
        }
        #expect(failure?.reason.contains("full") == true)
        #expect(store.health == .ok)
        // The descriptor and the file go on the body's own queue.
        let spool = disk.path + "/state/spool/out"
        _ = try await FileWatch.change(in: spool, what: "the file that did not fit to go") {
            (try? Files.names(in: spool)) == [] ? true : nil
        }
        try await disk.waitForSpace(room)
        _ = try await accept(store, account, seed: 2, octets: 1)
        await store.close()
    }

    private func accept(_ store: Store, _ account: AccountID, seed: UInt64, octets: Int) async throws -> QueueID {
        var generator = RepeatableGenerator(state: seed << 32)
        let writer = try store.bodyWriter(limit: 1 << 30, at: .epoch, using: &generator)
        var rest = octets
        while rest > 0 {
            let count = min(rest, 65_536)
            try await writer.append([UInt8](repeating: UInt8(ascii: "x"), count: count)[...])
            rest -= count
        }
        let body = try await writer.finish()
        let submission = Submission(account: account, reversePath: "a@contoso.de", recipients: ["b@x.de"])
        return try await store.write { try $0.queue.accept(submission, body: body, at: .epoch).id }
    }

    private final class Recorder: Sendable {
        private let changes = Mutex<[StoreHealth]>([])
        var all: [StoreHealth] { changes.withLock { $0 } }
        func add(_ health: StoreHealth) { changes.withLock { $0.append(health) } }
    }
}
