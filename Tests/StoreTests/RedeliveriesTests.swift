import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("A message that is delivered again")
struct RedeliveriesTests {
    private let temporary: TemporaryStore
    private var store: Store { temporary.store }
    private let folder: StoredFolder
    private let message = StagedMessage.sample(.min, seed: 1, destinations: [.inbox, .crm])
    private let id: LedgerID

    init() async throws {
        temporary = try TemporaryStore()
        let message = message
        (folder, id) = try await temporary.store.write { transaction in
            let account = try transaction.accounts.ensure(.support, at: .epoch)
            let folder = try transaction.folders.ensure(account, serverName: "INBOX")
            let begun = try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(7))
            let ids = try transaction.ledger.stage(begun.id, epoch: begun.epoch, [message], at: .epoch)
            for name in [DestinationName.inbox, .crm] {
                try transaction.ledger.deliver(ids, to: name, at: .epoch)
            }
            return (begun, ids[0])
        }
    }

    private var row: LedgerRow? {
        get async throws { try await store.read { [id] in try $0.ledger.find(id) } }
    }

    private func order(to destination: DestinationName? = nil) async throws {
        try await store.write { [id, folder] in
            try $0.redeliveries.order(id, to: destination, folder.account, at: .epoch)
        }
    }

    private func stageAgain(_ message: StagedMessage) async throws -> Bool {
        try await store.write { [id] in try $0.ledger.stageAgain(id, message, at: .epoch + .seconds(9)) }
    }

    /// As the server renders it this time.
    private var rendered: StagedMessage {
        var again = message
        again.contentHash = ContentHash(bytes: [UInt8](repeating: 9, count: 32))!
        again.contentSize = 99
        again.destinations = [(.crm, "again")]
        return again
    }

    @Test("is staged and owed like a new one, keeps key and number, and is ordered no more")
    func again() async throws {
        try await order(to: .crm)
        #expect(try await stageAgain(rendered))
        let staged = try #require(try await row)
        #expect(staged.state == .staged && staged.deliveryKey == message.deliveryKey)
        #expect(staged.contentSize == 99 && staged.delivered == .epoch)
        let order = try await store.read { [id] in try $0.redeliveries.find(id) }
        #expect(order == nil)
        let owed = try await store.read { [folder] in try $0.deliveries.owed(folder.account) }
        #expect(owed.map(\.stagedName) == ["again"])
        let count = try await store.write { [id] in
            try $0.ledger.deliver([id], to: .crm, at: .epoch + .seconds(10))
        }
        #expect(count == 1)
        #expect(try await row?.state == .delivered)
        #expect(try await row?.delivered == .epoch + .seconds(10))
        let names = try await store.read { [id] in try $0.ledger.destinations(of: id) }
        #expect(names == [.crm, .inbox])
    }

    @Test("needs an order, and the key that it has")
    func refused() async throws {
        #expect(try await !stageAgain(rendered))
        try await order()
        #expect(try await !stageAgain(StagedMessage.sample(.min, seed: 2)))
        #expect(try await row?.state == .delivered)
        #expect(try await stageAgain(rendered))
        #expect(try await !stageAgain(rendered))
    }

    @Test("is delivered still, when its staging is lost")
    func lost() async throws {
        try await order()
        #expect(try await stageAgain(rendered))
        try await store.write { [id] in try $0.ledger.unstage([id]) }
        #expect(try await row?.state == .delivered)
        #expect(try await row?.deliveryKey == message.deliveryKey)
        let owed = try await store.read { [folder] in try $0.deliveries.owed(folder.account) }
        #expect(owed.isEmpty)
    }

    @Test("is ordered once, by the last order")
    func replaced() async throws {
        try await order(to: .crm)
        try await store.write { [id] in try $0.redeliveries.begin([id]) }
        let (account, folder, epoch) = (folder.account, folder.id, folder.epoch)
        let begun = try await store.read { try $0.redeliveries.due(account, folder, epoch: epoch) }
        #expect(begun.map(\.attempts) == [1] && begun.map(\.destination) == [.crm])
        try await order()
        let due = try await store.read { try $0.redeliveries.due(account, folder, epoch: epoch) }
        #expect(due.map(\.attempts) == [0] && due.map(\.destination) == [nil])
        #expect(try await store.read { try $0.redeliveries.due(account, folder, epoch: epoch, after: .min) }.isEmpty)
        // After a move it has no UID until it is found again.
        let moved = try await store.write { try $0.folders.beginEpoch(folder, uidValidity: UIDValidity(8)) }
        #expect(try await store.read { try $0.redeliveries.due(account, folder, epoch: moved.epoch) }.isEmpty)
        let stray = try await store.read { try $0.redeliveries.stray(account, folder, epoch: moved.epoch) }
        #expect(stray.map(\.message.id) == [id])
        try await store.write { [id] in try $0.redeliveries.cancel([id]) }
        #expect(try await store.read { try $0.redeliveries.stray(account, folder, epoch: moved.epoch) }.isEmpty)
    }
}
