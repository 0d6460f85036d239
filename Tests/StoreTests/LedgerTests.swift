import Diagnostics
import MailModel
import Store
import TestSupport
import Testing

@Suite("Ledger")
struct LedgerTests {
    let temporary: TemporaryStore
    var store: Store { temporary.store }
    let folder: StoredFolder

    init() async throws {
        temporary = try TemporaryStore()
        folder = try await temporary.store.write { transaction in
            let account = try transaction.accounts.ensure(.support, at: .epoch)
            let folder = try transaction.folders.ensure(account, serverName: "INBOX", role: .inbox, delimiter: "/")
            return try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(7))
        }
    }

    @discardableResult
    private func stage(
        _ uids: ClosedRange<UInt32>, seed: UInt32 = 0, in folder: StoredFolder? = nil,
        to destinations: [DestinationName] = [.inbox]
    ) async throws -> [LedgerID] {
        let folder = folder ?? self.folder
        let messages = uids.map { StagedMessage.sample(UID($0)!, seed: $0 + seed, destinations: destinations) }
        return try await store.write { try $0.ledger.stage(folder.id, epoch: folder.epoch, messages, at: .epoch) }
    }

    private func deliver(_ ids: [LedgerID]) async throws {
        try await store.write { try $0.ledger.deliver(ids, to: .inbox, at: .epoch) }
    }

    @Test("A message is delivered when every destination holds it, and counted once")
    func severalDestinations() async throws {
        let ids = try await stage(1...3, to: [.inbox, .crm])
        let first = try await store.write { try $0.ledger.deliver(ids, to: .inbox, at: .epoch) }
        #expect(first == 0)
        let owed = try await store.read { [folder] in try $0.deliveries.owed(folder.account) }
        #expect(owed.map(\.destination) == [.crm, .crm, .crm])
        let second = try await store.write { try $0.ledger.deliver(ids, to: .crm, at: .epoch) }
        #expect(second == 3)
        let again = try await store.write { try $0.ledger.deliver(ids, to: .crm, at: .epoch) }
        #expect(again == 0)
        let after = try await store.read { [folder] in try $0.folders.find(folder.id) }
        #expect(after?.delivered == 3)
    }

    @Test("What is owed comes in the order it was staged, a page at a time")
    func owedPages() async throws {
        let ids = try await stage(1...5, to: [.inbox, .crm])
        let account = folder.account
        let page = try await store.read { try $0.deliveries.owed(account, limit: 2) }
        #expect(page.map(\.message) == [ids[0], ids[0], ids[1], ids[1]])
        let rest = try await store.read { try $0.deliveries.owed(account, after: ids[1]) }
        #expect(rest.count == 6)
        #expect(try await store.read { try $0.deliveries.accounts() } == [account])
    }

    @Test("A UID that is staged or delivered is not staged again")
    func twice() async throws {
        let ids = try await stage(1...2)
        await #expect(throws: Failure.self) { try await stage(2...2) }
        try await deliver(ids)
        await #expect(throws: Failure.self) { try await stage(1...1) }
        let known = try await store.read { [folder] in try $0.ledger.known(folder.id, epoch: folder.epoch) }
        #expect(known.count == 2)
    }

    @Test(
        "What was too large is taken over when it is fetched after all", arguments: [LedgerState.tooLarge, .skipped])
    func takenOver(state: LedgerState) async throws {
        try await store.write { [folder] in
            try $0.ledger.note(
                folder.id, epoch: folder.epoch, uid: .min, as: state, traits: .sample(9), reason: "60 MB", at: .epoch)
        }
        let counts = try await store.read { [folder] in try $0.ledger.counts(folder.id) }
        #expect(counts == [state: 1])
        let uids = try await store.read { [folder] in
            try $0.ledger.uids(folder.id, epoch: folder.epoch, in: state)
        }
        #expect(uids == UIDSet([UID.min]))
        try await deliver(try await stage(1...1))
        let row = try await store.read { [folder] in
            try $0.ledger.find(folder.id, epoch: folder.epoch, uid: .min)
        }
        #expect(row?.state == .delivered)
        #expect(row?.reason == nil)
    }

    @Test("A message that cannot be read is tried again, then put aside, and forgotten as an obstacle once fetched")
    func obstacles() async throws {
        let (id, epoch) = (folder.id, folder.epoch)
        let first = try await store.write {
            try $0.obstacles.record(
                id, epoch: epoch, uid: .min, nextAttempt: .epoch + .seconds(60), reason: "NO Unavailable", at: .epoch)
        }
        #expect(first == 1)
        #expect(try await store.read { try $0.obstacles.due(id, epoch: epoch, at: .epoch) }.isEmpty)
        let due = try await store.read { try $0.obstacles.due(id, epoch: epoch, at: .epoch + .seconds(60)) }
        #expect(due.map(\.uid) == [.min])
        let second = try await store.write {
            try $0.obstacles.record(
                id, epoch: epoch, uid: .min, nextAttempt: nil, reason: "NO Unavailable", at: .epoch)
        }
        #expect(second == 2)
        #expect(try await store.read { try $0.ledger.counts(id) } == [.quarantined: 1])
        try await stage(1...1)
        let account = folder.account
        #expect(try await store.read { try $0.obstacles.all(account) }.isEmpty)
    }

    @Test("Results of a visit that began before a move are refused")
    func staleEpoch() async throws {
        _ = try await store.write { [folder] in
            try $0.folders.beginEpoch(folder.id, uidValidity: UIDValidity(8))
        }
        await #expect(throws: Failure.self) { try await stage(1...1) }
        await #expect(throws: Failure.self) {
            try await store.write { [folder] in
                try $0.folders.advance(
                    folder.id, epoch: folder.epoch, to: FolderMark(cursor: .max, uidNextSeen: nil, existsSeen: nil))
            }
        }
    }

    @Test("After a move known messages keep number, key and state under their new UIDs, and the rest stays known")
    func moved() async throws {
        let ids = try await stage(1...4)
        try await deliver(ids)
        let keys = try await store.read { transaction in try ids.map { try transaction.ledger.find($0)?.deliveryKey }
        }
        let moved = try await store.write { [folder] in
            try $0.folders.beginEpoch(folder.id, uidValidity: UIDValidity(7))
        }
        #expect(moved.isRecovering)
        #expect(moved.cursor == nil)
        #expect(try await store.read { try $0.ledger.known(moved.id, epoch: moved.epoch) }.isEmpty)
        let account = folder.account
        try await store.write { transaction in
            let found = try (2...4 as ClosedRange<UInt32>).map { seed in
                let identity = try #require(MessageTraits.sample(seed).identity)
                let rows = try transaction.ledger.rows(account, identity: identity)
                return FoundMessage(id: try #require(rows.first).id, uid: UID(seed - 1)!)
            }
            try transaction.ledger.remap(moved.id, to: moved.epoch, found)
            try transaction.ledger.remap(moved.id, to: moved.epoch, found)
            try transaction.folders.finishRecovery(moved.id, epoch: moved.epoch)
        }
        let rows = try await store.read { try $0.ledger.page(moved.id, epoch: moved.epoch) }
        #expect(rows.map(\.id) == Array(ids.dropFirst()))
        #expect(rows.map(\.deliveryKey) == Array(keys.dropFirst()))
        #expect(rows.allSatisfy { $0.state == .delivered })
        let after = try await store.read { try $0.folders.find(moved.id) }
        #expect(after?.recognised == 3)
        #expect(after?.isRecovering == false)
        let first = try #require(MessageTraits.sample(1).identity)
        let left = try await store.read { try $0.ledger.rows(account, identity: first) }
        #expect(left.map(\.id) == [ids[0]])
        #expect(left.map(\.epoch) == [folder.epoch])
    }

    /// How a message that is there differs from the known one that it was guessed to be, or what became of that one.
    enum Guess: Sendable, CaseIterable {
        case right, otherIdentity, otherDate, otherList, otherRecipient, unknownRecipient, indistinct, removed,
            placed,
            noted

        var isRight: Bool { self == .right || self == .unknownRecipient }
    }

    @Test("A guessed message gets its UID only where the row is what is there", arguments: Guess.allCases)
    func guessed(_ guess: Guess) async throws {
        var known = StagedMessage.sample(.min, seed: 1)
        if guess == .otherRecipient { known.traits.deliveredToHash = [2] }
        let batch = [known]
        let ids = try await store.write { [folder] in
            try $0.ledger.stage(folder.id, epoch: folder.epoch, batch, at: .epoch)
        }
        try await deliver(ids)
        let uid = try #require(UID(21))
        var traits = MessageTraits.sample(1)
        switch guess {
        case .otherIdentity: traits.identity = MessageTraits.sample(2).identity
        case .otherDate: traits.date = MessageTraits.sample(2).date
        case .otherList: traits.listIDHash = [1]
        case .otherRecipient, .unknownRecipient: traits.deliveredToHash = [1]
        case .right, .indistinct, .removed, .placed, .noted: break
        }
        let present = GuessedMessage(id: ids[0], uid: uid, traits: traits)
        let others = try await store.write { [folder] transaction in
            let moved = try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(8))
            switch guess {
            case .indistinct: try transaction.ledger.unplace(moved.id, ids)
            case .removed:
                _ = try transaction.serverActions.plan(
                    ids[0], .delete, target: nil, origin: .afterFetch, folder.account, due: .epoch)
                let removals = try transaction.serverActions.find(ids[0]).map(\.action)
                try transaction.serverActions.finish(removals, removed: true, at: .epoch)
            case .placed:
                try transaction.ledger.remap(moved.id, to: moved.epoch, [FoundMessage(id: ids[0], uid: .min)])
            case .noted:
                try transaction.ledger.note(moved.id, epoch: moved.epoch, uid: uid, as: .tooLarge, at: .epoch)
            default: break
            }
            return try transaction.ledger.place(moved.id, in: moved.epoch, [present])
        }
        #expect(others == (guess.isRight ? [] : [uid]))
        let row = try await store.read { try $0.ledger.find(ids[0]) }
        #expect((row?.uid == uid) == guess.isRight)
    }

    @Test("A folder's identities are read page by page, each once, of all epochs")
    func identities() async throws {
        try await stage(1...3000)
        let moved = try await store.write { [folder] in
            try $0.folders.beginEpoch(folder.id, uidValidity: UIDValidity(8))
        }
        try await stage(1...10, seed: 5000, in: moved)
        var found: [KnownIdentity] = []
        while case let page = try await store.read({ [last = found.last] in
            try $0.ledger.identities(moved.id, after: last)
        }), !page.isEmpty {
            #expect(page.count < 3000)
            found += page
        }
        #expect(found.count == 3010 && Set(found.map(\.id)).count == 3010)
        #expect(
            found.map(\.epoch) == Array(repeating: folder.epoch, count: 3000)
                + Array(repeating: moved.epoch, count: 10))
        let expected = (Array(1...3000) + Array(5001...5010)).map { seed in
            MessageTraits.sample(UInt32(seed)).identity.map { IdentityPrefix($0) }
        }
        #expect(found.map(\.prefix) == expected)
        #expect(try await store.read { try $0.ledger.count(moved.id) } == 3010)
    }

    @Test("Messages with one identity are listed in the order they came to be known")
    func multiset() async throws {
        var messages = [3, 1, 2].map { StagedMessage.sample(UID(UInt32($0))!, seed: UInt32($0)) }
        let identity = messages[0].traits.identity
        for index in messages.indices { messages[index].traits.identity = identity }
        let batch = messages
        let moved = try await store.write { [folder] transaction in
            try transaction.ledger.stage(folder.id, epoch: folder.epoch, batch, at: .epoch)
            return try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(8))
        }
        let rows = try await store.read { try $0.ledger.rows(moved.account, identity: try #require(identity)) }
        #expect(rows.map(\.uid.rawValue) == [1, 2, 3])
    }

    @Test("Anchors are the newest delivered messages and some spread over the rest, ascending")
    func anchors() async throws {
        try await deliver(try await stage(1...100))
        try await stage(101...110)
        let anchors = try await store.read { [folder] in
            try $0.ledger.anchors(folder.id, epoch: folder.epoch).map(\.uid.rawValue)
        }
        #expect(anchors == [1, 24, 47, 70] + Array(93...100))
    }

    @Test("Anchors contradict a message with another Message-ID or date, and nothing else")
    func contradiction() throws {
        let known = MessageTraits.sample(1)
        #expect(known.contradicts(.sample(2)))
        #expect(!known.contradicts(known))
        var later = known
        later.date = .epoch
        #expect(known.contradicts(later))
        #expect(!known.contradicts(MessageTraits()))
    }

    @Test("Known UIDs are read as ranges, within limits")
    func known() async throws {
        try await stage(1...10)
        try await stage(20...30)
        let known = try await store.read { [folder] in try $0.ledger.known(folder.id, epoch: folder.epoch) }
        #expect(known.description == "1:10,20:30")
        let some = try await store.read { [folder] in
            try $0.ledger.known(folder.id, epoch: folder.epoch, in: UID(9)!...UID(20)!)
        }
        #expect(some.description == "9:10,20")
    }

    @Test("Everything that was staged is read back as it was")
    func roundTrip() async throws {
        var message = StagedMessage.sample(.max, seed: 5)
        message.traits = MessageTraits(
            identity: message.traits.identity, date: .epoch, messageIDHash: [1], listIDHash: [2],
            deliveredToHash: [3],
            serverID: "M6d99ac3275bb4e", serverSize: 1 << 40)
        message.isDoubtful = true
        let staged = message
        let ids = try await store.write { [folder] in
            try $0.ledger.stage(folder.id, epoch: folder.epoch, [staged], at: .epoch)
        }
        let row = try #require(try await store.read { try $0.ledger.find(ids[0]) })
        #expect(row.traits == staged.traits)
        #expect(row.uid == .max)
        #expect(row.deliveryKey == staged.deliveryKey)
        #expect(row.contentHash == staged.contentHash)
        #expect(row.isDoubtful)
        try await deliver(ids)
        let after = try await store.read { [folder] in try $0.folders.find(folder.id) }
        #expect(after?.doubtful == 1)
        let byKey = try await store.read { try $0.ledger.find(staged.deliveryKey) }
        #expect(byKey.map(\.id) == ids)
    }

    @Test("Staged messages that nobody took can be forgotten, delivered ones cannot")
    func unstaged() async throws {
        let ids = try await stage(1...2)
        try await deliver([ids[0]])
        try await store.write { try $0.ledger.unstage(ids) }
        let known = try await store.read { [folder] in try $0.ledger.known(folder.id, epoch: folder.epoch) }
        #expect(known.description == "1")
        let account = folder.account
        #expect(try await store.read { try $0.deliveries.owed(account) }.isEmpty)
    }

    @Test("A look that found nothing new writes nothing")
    func idle() async throws {
        let advance: @Sendable (WriteTransaction) throws -> Void = { [folder] in
            try $0.folders.advance(
                folder.id, epoch: folder.epoch, to: FolderMark(cursor: UID(5), uidNextSeen: UID(6), existsSeen: 5))
        }
        try await store.write(advance)
        let before = try await changes()
        try await store.write(advance)
        #expect(try await changes() == before)
    }

    private func changes() async throws -> Int {
        try await RawHandle(store).integer("SELECT total_changes()")
    }
}
