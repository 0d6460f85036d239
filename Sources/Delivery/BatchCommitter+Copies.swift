import Diagnostics
import MailModel
import Store

/// The first of a batch's two commits: each message is held against its known copies, and what is to be delivered is
/// written down.
extension BatchCommitter {
    struct Sorted: Sendable {
        var result = CommitResult()
        /// Rows of what is to be delivered, in the order of `staged`.
        var ids: [LedgerID] = []
        var staged: [StagedMessage] = []
        /// Known messages: their files go.
        var superfluous: [StagedMessage] = []
        /// To be delivered once more, under these keys.
        var again: [(message: StagedMessage, key: DeliveryKey)] = []
    }

    /// - Parameter gone: `nil` when nobody has asked the server yet: then what depends on its answer is held.
    func sort(_ messages: [StagedMessage], into folder: DeliveryFolder, gone: UIDSet?) async throws -> Sorted {
        let now = clock.now
        return try await store.write { transaction in
            var sorting = Sorting(folder: folder, transaction: transaction, now: now)
            for message in messages { try sorting.take(message, gone: gone) }
            return try sorting.finish()
        }
    }

    /// Inside one transaction, so that each message sees what the one before it changed.
    private struct Sorting {
        let folder: DeliveryFolder
        let transaction: WriteTransaction
        let now: Timestamp
        var sorted = Sorted()
        /// Not in the ledger yet.
        private var plain: [StagedMessage] = []
        private var identities: Set<IdentityKey> = []

        init(folder: DeliveryFolder, transaction: WriteTransaction, now: Timestamp) {
            self.folder = folder
            self.transaction = transaction
            self.now = now
        }

        mutating func take(_ message: StagedMessage, gone: UIDSet?) throws {
            if let identity = message.traits.identity, !identities.insert(identity).inserted { try stagePlain() }
            let rows = try known(message.traits)
            guard !rows.isEmpty else { return plain.append(message) }
            let copies = KnownCopies(
                of: message.traits, content: message.contentHash, uid: message.uid, in: folder.epoch, among: rows,
                folder.rules)
            switch copies.verdict(gone: gone) {
            case .new: plain.append(message)
            case .doubtful(let id):
                try transaction.ledger.supersede(CollectionOfOne(id))
                var doubtful = message
                doubtful.isDoubtful = true
                plain.append(doubtful)
            case .known(let id): try claim(id, message, as: .recognised)
            case .revised(let id): try claim(id, message, as: .revised)
            case .duplicate(let original):
                let id = try transaction.ledger.noteDuplicate(
                    folder.id, epoch: folder.epoch, uid: message.uid, of: original.deliveryKey,
                    traits: message.traits, at: now)
                try plan([id])
                // Of one whose original is still on its way the time begins with the next duplicate's, or never.
                if original.state == .delivered { try transaction.serverActions.delivered([id], at: now) }
                found(.duplicate, message, original.deliveryKey)
            case .again(let key): sorted.again.append((message, key))
            case .depends(let uids): sorted.result.held.append(HeldMessage(message: message, asks: uids))
            }
        }

        mutating func finish() throws -> Sorted {
            try stagePlain()
            return sorted
        }

        private mutating func stagePlain() throws {
            guard !plain.isEmpty else { return }
            let ids = try transaction.ledger.stage(folder.id, epoch: folder.epoch, plain, at: now)
            try plan(ids)
            sorted.ids += ids
            sorted.staged += plain
            plain.removeAll(keepingCapacity: true)
            identities.removeAll(keepingCapacity: true)
        }

        private func plan(_ ids: [LedgerID]) throws {
            guard let wish = folder.wish else { return }
            try transaction.serverActions.plan(ids, wish, folder.rules.account)
        }

        private func known(_ traits: MessageTraits) throws -> [LedgerRow] {
            let account = folder.rules.account
            var rows = try traits.identity.map { try transaction.ledger.rows(account, identity: $0) } ?? []
            guard let serverID = traits.serverID else { return rows }
            let seen = Set(rows.map(\.id))
            rows += try transaction.ledger.rows(account, serverID: serverID).filter { !seen.contains($0.id) }
            return rows
        }

        private mutating func claim(
            _ id: LedgerID, _ message: StagedMessage, as finding: FoundMessage.Finding
        ) throws {
            let known = try transaction.ledger.find(id)
            let isRewritten = known.map { message.traits.contradicts($0.traits) } ?? false
            try transaction.ledger.remap(
                folder.id, to: folder.epoch,
                [
                    FoundMessage(
                        id: id, uid: message.uid, serverID: message.traits.serverID,
                        rewritten: isRewritten ? message.traits : nil)
                ], as: finding)
            found(finding == .revised ? .revised : .recognised, message, known?.deliveryKey)
        }

        private mutating func found(
            _ kind: CommitResult.Finding.Kind, _ message: StagedMessage, _ key: DeliveryKey?
        ) {
            sorted.superfluous.append(message)
            sorted.result.findings.append(CommitResult.Finding(kind: kind, uid: message.uid, key: key))
        }
    }
}
