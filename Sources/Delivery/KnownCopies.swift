import MailModel
import Store

/// What is known already of a message that has arrived under a UID that the ledger does not know: messages of the
/// account with the same identity. Decided from facts: no store, no server.
///
/// Most mail has no known copy. Where there is one, the message is one of these: a mail that a move of the mailbox hid
/// from the headers' comparison; a version that the server revised (Exchange, MS-STANXIMAP §2.1.2); the same mail in a
/// second folder; or one more mail that only looks alike, of which as many are delivered as arrive.
struct KnownCopies {
    enum Verdict: Hashable {
        /// To be delivered.
        case new
        /// To be delivered; it may have been delivered before, as the known message, and nothing tells.
        case doubtful(LedgerID)
        /// The known message itself.
        case known(LedgerID)
        /// A changed version of the known message.
        case revised(LedgerID)
        /// Delivered from another folder.
        case duplicate(of: LedgerRow)
        /// To be delivered once more, under the same key: it was taken out of junk.
        case again(DeliveryKey)
        /// Which of these UIDs are still there decides.
        case depends(on: UIDSet)
    }

    let traits: MessageTraits
    let content: ContentHash
    let rules: CopyRules
    /// Rows of the folder and epoch in which the message was found.
    private var here: [LedgerRow] = []
    /// Rows of the folder's earlier epochs, and of folders that are not there any more.
    private var earlier: [LedgerRow] = []
    private var elsewhere: [LedgerRow] = []
    /// Of other folders, with this content, and counted no more: another row counts in their place.
    private var superseded: [LedgerRow] = []

    /// - Parameters:
    ///   - rows: messages of the account with the identity or the server's id of this one.
    ///   - uid, epoch: under which it arrived.
    init(
        of traits: MessageTraits, content: ContentHash, uid: UID, in epoch: Epoch, among rows: [LedgerRow],
        _ rules: CopyRules
    ) {
        self.traits = traits
        self.content = content
        self.rules = rules
        for row in rows where KnownCopies.countsAsDelivered(row) && !isAnother(row, in: epoch) {
            if row.folder == rules.folder ? row.epoch != epoch : rules.former.contains(row.folder) {
                earlier.append(row)
            } else if row.epoch == .superseded {
                if row.contentHash == content { superseded.append(row) }
            } else if isAlike(row) {
                if row.folder != rules.folder { elsewhere.append(row) } else if row.uid != uid { here.append(row) }
            }
        }
    }

    /// Alarms of one second may look alike without a Message-ID, and devices without a clock reuse it: then only the
    /// content makes two messages one.
    private func isAlike(_ row: LedgerRow) -> Bool {
        traits.messageIDHash != nil && traits.date != nil || row.contentHash == content
    }

    /// - Parameter gone: those of the UIDs asked for that are not there any more; `nil`: nobody has asked yet.
    func verdict(gone: UIDSet? = nil) -> Verdict {
        if let same = earlier.first(where: { $0.contentHash == content }) { return .known(same.id) }
        if let gone, let row = moved(gone) {
            return row.contentHash == content ? .known(row.id) : .revised(row.id)
        }
        if let original = original(gone: gone ?? UIDSet()) {
            let wasJunk = rules.roles[original.folder] == .junk && rules.roles[rules.folder] != .junk
            guard wasJunk, let key = original.deliveryKey else { return .duplicate(of: original) }
            return .again(key)
        }
        // Each known message makes one doubtful at the most.
        let possible = earlier.first { $0.epoch != .superseded }
        guard gone == nil else { return possible.map { .doubtful($0.id) } ?? .new }
        let asked = UIDSet(here.map(\.uid).sorted())
        return asked.isEmpty && possible == nil ? .new : .depends(on: asked)
    }

    /// A row whose message left its UID without our doing. Of one that we removed a copy with the same content came back.
    private func moved(_ gone: UIDSet) -> LedgerRow? {
        let left = here.filter { gone.contains($0.uid) }
        return left.first { $0.contentHash == content } ?? left.last { $0.removed == nil }
    }

    /// The delivery in another folder that stands for this message: the first copy here for the first there, and so on.
    private func original(gone: UIDSet) -> LedgerRow? {
        guard rules.overlap == .once else { return nil }
        let place = here.count { !gone.contains($0.uid) }
        let folders = Dictionary(grouping: elsewhere, by: \.folder).values.filter { $0.count > place }
        // A junk folder's copy stands for the message only where no other one does.
        let best = folders.first { rules.roles[$0[0].folder] != .junk } ?? folders.first
        return best?[place] ?? (place == 0 ? superseded.first : nil)
    }

    /// EMAILID and X-GM-MSGID are a server's own: the same one means the same mail, and another one another mail as long
    /// as both are of one epoch.
    private func isAnother(_ row: LedgerRow, in epoch: Epoch) -> Bool {
        if let mine = traits.serverID, let its = row.traits.serverID {
            if mine == its { return false }
            if row.folder == rules.folder, row.epoch == epoch { return true }
        }
        return traits.isOtherCopy(than: row.traits)
    }

    private static func countsAsDelivered(_ row: LedgerRow) -> Bool {
        switch row.state {
        case .staged, .delivered, .duplicate: true
        case .tooLarge, .skipped, .deferred, .quarantined, .gone: false
        }
    }
}
