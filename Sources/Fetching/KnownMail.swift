import MailModel
import Store

/// Which known message a present one is after a move, by what headers say. Decided from facts: no store, no server.
///
/// Matching is a multiset: as many present messages are known as known ones with that identity exist, in the order in
/// which they came to be known; the rest is new. Where more are present than known, and nothing but their content tells
/// which of them are new, none is taken for known: all are fetched, and those with a known content are not delivered
/// again.
struct KnownMail {
    enum Decision: Hashable {
        case known(LedgerRow)
        case new
        /// Only the content tells. These rows, taken before by messages that look the same, are open again.
        case indistinct(release: [LedgerID])
    }

    /// Not taken yet.
    private var free: [LedgerRow] = []
    /// Taken by other present messages.
    private var taken: [LedgerRow] = []
    /// Known, and told by their content only: released, superseded, or removed from the server by us.
    private var openRows: [LedgerRow] = []

    /// - Parameters:
    ///   - rows: messages of the account with the identity in question.
    ///   - former: folders that the server has no more.
    ///   - changes: what was decided and is not in `rows` yet.
    init(
        _ rows: [LedgerRow], in folder: FolderID, epoch: Epoch, former: Set<FolderID>, changes: Changes = Changes()
    ) {
        // What was known in this folder is looked for here first: another one's may be there as well, under a new name.
        for row in rows.filter({ $0.folder == folder }) + rows.filter({ $0.folder != folder }) {
            if row.folder == folder && row.epoch == epoch || changes.taken.contains(row.id) {
                if row.state != .deferred { taken.append(row) }
            } else if row.folder == folder || former.contains(row.folder) {
                let isOpen =
                    row.epoch == .indistinct || row.epoch == .superseded || row.removed != nil
                    || changes.released.contains(row.id)
                if isOpen { openRows.append(row) } else { free.append(row) }
            }
        }
    }

    /// Decisions of a rehearsal, which writes nothing.
    struct Changes: Sendable {
        var taken: Set<LedgerID> = []
        var released: Set<LedgerID> = []

        mutating func note(_ decision: Decision) {
            switch decision {
            case .known(let row): taken.insert(row.id)
            case .new: break
            case .indistinct(let ids):
                taken.subtract(ids)
                released.formUnion(ids)
            }
        }
    }

    func decide(_ message: MessageTraits) -> Decision {
        // A server's own id is not mistaken for another one's.
        if let row = free.first(where: { isSame($0.traits.serverID, message.serverID) }) { return .known(row) }
        // Devices without a clock are those that reuse a Message-ID: without a Date it says nothing.
        guard message.date != nil else {
            let isLikely = (free + taken + openRows).contains { !message.isOtherCopy(than: $0.traits) }
            return isLikely ? .indistinct(release: []) : .new
        }
        let candidates = free.filter { !message.isOtherCopy(than: $0.traits) }
        let exact = candidates.first { $0.traits.deliveredToHash == message.deliveredToHash }
        if let row = exact ?? candidates.first { return .known(row) }
        let rivals = taken.filter { !message.isOtherCopy(than: $0.traits) }
        if !rivals.isEmpty { return .indistinct(release: rivals.map(\.id)) }
        return openRows.contains { !message.isOtherCopy(than: $0.traits) } ? .indistinct(release: []) : .new
    }

    private func isSame(_ one: String?, _ other: String?) -> Bool { one != nil && one == other }
}
