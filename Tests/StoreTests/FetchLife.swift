import Diagnostics
import MailModel
import Store
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Two messages come through the four steps into a Maildir: staged file, staged row, rename, delivered row.
struct FetchLife {
    let store: Store
    private var staging: String { store.directory + "/staging" }
    private var new: String { store.directory + "/new" }

    init(_ store: Store) { self.store = store }

    func run() async throws {
        mkdir(staging, 0o700)
        mkdir(new, 0o700)
        let folder = try await store.write { transaction in
            let account = try transaction.accounts.ensure(.support, at: .epoch)
            let folder = try transaction.folders.ensure(account, serverName: "INBOX")
            return try transaction.folders.beginEpoch(folder.id, uidValidity: UIDValidity(7))
        }
        for number in 1...2 as ClosedRange<UInt32> {
            let uid = try #require(UID(number))
            let staged = StagedMessage.sample(uid, seed: number)
            make(staging + "/" + staged.destinations[0].stagedName)
            let ids = try await store.write {
                try $0.ledger.stage(folder.id, epoch: folder.epoch, [staged], at: .epoch)
            }
            publish(staged.destinations[0].stagedName)
            try await store.write { transaction in
                try transaction.ledger.deliver(ids, to: .inbox, at: .epoch)
                try transaction.folders.advance(
                    folder.id, epoch: folder.epoch, to: FolderMark(cursor: uid, uidNextSeen: nil, existsSeen: nil))
            }
        }
    }

    /// What a start does: hands over what is owed, sweeps what has no row, and fetches what is unknown.
    func checkAndFinish(wasOver: Bool) async throws {
        guard let account = try await store.read({ try $0.accounts.find(.support) }) else { return #expect(!wasOver) }
        let owed = try await store.read { try $0.deliveries.owed(account.id) }
        let published = names(in: new)
        for delivery in owed {
            let isStaged = names(in: staging).contains(delivery.stagedName)
            #expect(isStaged != published.contains(delivery.stagedName), "exactly one of the two places has it")
            if isStaged { publish(delivery.stagedName) }
            try await store.write { try $0.ledger.deliver([delivery.message], to: delivery.destination, at: .epoch) }
        }
        let folders = try await store.read { try $0.folders.all(of: account.id) }
        let delivered = folders.reduce(0) { $0 + $1.delivered }
        #expect(names(in: new).count == delivered)
        #expect(try await store.read { try $0.deliveries.owed(account.id) }.isEmpty)
        if let cursor = folders.first?.cursor {
            #expect(delivered >= Int(cursor.rawValue), "every UID up to the cursor is accounted for")
        }
        if wasOver { #expect(delivered == 2) }
    }

    private func make(_ path: String) { close(open(path, O_CREAT | O_WRONLY, 0o600)) }
    private func publish(_ name: String) { rename(staging + "/" + name, new + "/" + name) }

    private func names(in directory: String) -> Set<String> {
        Set(["m1", "m2"].filter { access(directory + "/" + $0, F_OK) == 0 })
    }
}

extension StagedMessage {
    /// A message that differs from others with another seed, in a file `m<seed>`.
    static func sample(_ uid: UID, seed: UInt32, destinations: [DestinationName] = [.inbox]) -> StagedMessage {
        var generator = RepeatableGenerator(state: UInt64(seed) << 32)
        return StagedMessage(
            uid: uid, deliveryKey: DeliveryKey(using: &generator), traits: .sample(seed),
            contentHash: ContentHash(bytes: [UInt8](repeating: UInt8(seed & 255), count: 32))!,
            contentSize: Int64(seed), destinations: destinations.map { ($0, "m\(seed)") })
    }
}

extension MessageTraits {
    static func sample(_ seed: UInt32) -> MessageTraits {
        let date = Timestamp.epoch + .seconds(Int64(seed))
        guard let messageID = MessageID("<\(seed)@contoso.de>") else { preconditionFailure("a Message-ID") }
        return MessageTraits(
            MessageIdentity(key: IdentityKey(messageID: messageID, date: date), messageID: messageID, date: date),
            serverSize: Int64(seed))
    }
}
