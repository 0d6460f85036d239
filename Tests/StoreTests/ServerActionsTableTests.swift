import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("What is to be done with a server's copy")
struct ServerActionsTableTests {
    private let temporary: TemporaryStore
    private var store: Store { temporary.store }
    private let folder: StoredFolder
    private let id: LedgerID

    init() async throws {
        temporary = try TemporaryStore()
        (folder, id) = try await temporary.store.write { transaction in
            let account = try transaction.accounts.ensure(.support, at: .epoch)
            let folder = try transaction.folders.ensure(account, serverName: "INBOX")
            let begun = try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(7))
            let ids = try transaction.ledger.stage(
                begun.id, epoch: begun.epoch, [StagedMessage.sample(.min, seed: 1)], at: .epoch)
            try transaction.ledger.deliver(ids, to: .inbox, at: .epoch)
            return (begun, ids[0])
        }
    }

    @discardableResult
    private func plan(
        _ kind: ServerAction.Kind, target: MoveTarget? = nil, origin: ServerAction.Origin = .operator
    ) async throws -> Bool {
        try await store.write { [id, folder] in
            try $0.serverActions.plan(id, kind, target: target, origin: origin, folder.account, due: .epoch)
        }
    }

    private var found: [ServerAction] {
        get async throws { try await store.read { [id] in try $0.serverActions.find(id).map(\.action) } }
    }

    @Test("is what was planned last: a deletion or a move, and beside it a marking, which comes first")
    func replaced() async throws {
        try await plan(.delete, origin: .afterFetch)
        try await plan(.seen)
        #expect(try await found.map(\.kind) == [.seen, .delete])
        try await plan(.move, target: .role(.archive))
        #expect(try await found.map(\.kind) == [.seen, .move])
        #expect(try await found.map(\.origin) == [.operator, .operator])
        let count = try await store.read { [folder] in try $0.serverActions.count(folder.account) }
        #expect(count == 2)
    }

    @Test("goes on once it has begun")
    func begun() async throws {
        try await plan(.delete, origin: .afterFetch)
        try await plan(.seen)
        try await store.write { [id] in try $0.serverActions.begin([id]) }
        #expect(try await found.map(\.phase) == [.planned, .begun])
        #expect(try await !plan(.move, target: .name("Done")))
        #expect(try await plan(.seen))
        #expect(try await found.map(\.origin) == [.operator, .afterFetch])
    }

    @Test("ends by itself, and all of it when the copy is removed")
    func finished() async throws {
        try await plan(.seen)
        try await plan(.delete)
        let marked = try await found.filter { $0.kind == .seen }
        try await store.write { try $0.serverActions.finish(marked, removed: false, at: .epoch) }
        #expect(try await found.map(\.kind) == [.delete])
        try await plan(.seen)
        let deleted = try await found.filter { $0.kind == .delete }
        try await store.write { try $0.serverActions.finish(deleted, removed: true, at: .epoch) }
        #expect(try await found.isEmpty)
        let removed = try await store.read { [id] in try $0.ledger.find(id)?.removed }
        #expect(removed == .epoch)
    }

    @Test("has no UID after a move until its message is found again, if an operator wants it")
    func stray() async throws {
        try await plan(.delete)
        let (account, folder) = (folder.account, folder.id)
        let moved = try await store.write { try $0.folders.beginEpoch(folder, uidValidity: UIDValidity(8)) }
        let due = try await store.read {
            try $0.serverActions.due(account, folder, epoch: moved.epoch, at: .epoch + .seconds(1))
        }
        #expect(due.isEmpty)
        let stray = try await store.read { try $0.serverActions.stray(account, folder, epoch: moved.epoch) }
        #expect(stray.map(\.message.id) == [id])
        // What after_fetch wants waits for the message to come back.
        try await plan(.delete, origin: .afterFetch)
        #expect(try await store.read { try $0.serverActions.stray(account, folder, epoch: moved.epoch) }.isEmpty)
    }
}
