import MailModel
import Store

/// Known messages by which a session sees that UIDs still mean the same: a few of the many.
struct Anchors {
    let traits: [UID: MessageTraits]
    /// Not all of them were removed from the server on request.
    let mayBePresent: Bool

    var uids: UIDSet { UIDSet(traits.keys.sorted()) }

    /// The newest ones and some of the rest.
    init(_ stored: StoredFolder, in store: Store) async throws {
        guard stored.uidValidity != nil else {
            self.init([])
            return
        }
        self.init(try await store.read { try $0.ledger.anchors(stored.id, epoch: stored.epoch) })
    }

    /// Others, of those that are there.
    init(_ stored: StoredFolder, in store: Store, among present: UIDSet) async throws {
        let chosen = Anchors.chosen(of: present)
        self.init(
            try await store.read { transaction in
                try chosen.compactMap { try transaction.ledger.find(stored.id, epoch: stored.epoch, uid: $0) }
            })
    }

    private init(_ rows: [LedgerRow]) {
        traits = Dictionary(rows.map { ($0.uid, $0.traits) }) { first, _ in first }
        mayBePresent = rows.contains { $0.removed == nil }
    }

    /// The highest, the lowest, and some between them.
    static func chosen(of present: UIDSet) -> [UID] {
        let count = present.count
        guard count > Limits.anchors else { return Array(present) }
        let places = Set((0..<Limits.anchors).map { $0 * (count - 1) / (Limits.anchors - 1) })
        return present.enumerated().filter { places.contains($0.offset) }.map(\.element)
    }
}
