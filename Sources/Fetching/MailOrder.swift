import Diagnostics
import MailModel
import Store

/// What an operator wants done with fetched mail, by its delivery key.
public enum MailOrder: Hashable, Sendable {
    /// Fetched and delivered once more, under the same key.
    ///
    /// - destination: this one of its folder's; `nil`: all of them.
    case redeliver(to: DestinationName?)
    /// The server's copies are marked as read.
    case seen
    case move(to: MoveTarget)
    case delete
}

/// Why an order is not taken.
public enum MailOrderRefusal: Error, Hashable, Sendable {
    case unknownKey
    /// No copy of it in that folder.
    case notInFolder(String)
    /// Not every destination holds it yet, or none ever did.
    case notDelivered(LedgerState)
    /// We removed the server's copy ourselves, or moved it into a folder that is not watched, or it was not found again
    /// after a move.
    case notOnServer(removed: Timestamp?, movedTo: String?)
    /// Its folder is not among those that are fetched.
    case notWatched(FolderPath)
    /// POP3 has neither flags nor folders.
    case notWithPOP3
    /// Another action has begun on all of its copies, and goes on.
    case underWay
    case noSuchDestination(DestinationName, known: [DestinationName])
}

/// Which of a message's copies an order is about. Decided from facts: no store, no server.
struct MailOrderPlan {
    /// A row of the message, and what is known of its folder.
    struct Copy: Hashable {
        var row: LedgerRow
        /// Where the copy is, as far as is known.
        var path: FolderPath
        var epoch: Epoch
        /// Known messages of the folder are being looked for: they have no UID for now.
        var isRecovering: Bool
        /// Where the mail goes of the folder that it came from; `nil`: that is not watched.
        var destinations: [DestinationName]?

        /// As far as is known, the server has it.
        var isOnServer: Bool {
            row.removed == nil ? row.epoch == epoch || isRecovering : row.movedPlace != nil
        }
    }

    let order: MailOrder
    /// Only copies in this folder, as status shows its name; `nil`: in all.
    let folder: String?
    let isPOP3: Bool

    /// - Parameter copies: all rows with the delivery key.
    func decide(_ copies: [Copy]) throws(MailOrderRefusal) -> [Copy] {
        if isPOP3 {
            switch order {
            case .seen, .move: throw .notWithPOP3
            case .delete, .redeliver: break
            }
        }
        guard !copies.isEmpty else { throw .unknownKey }
        try checkIsDelivered(copies)
        var wanted = copies.filter { $0.row.state == .delivered || $0.row.state == .duplicate }
        if let folder {
            wanted = wanted.filter { $0.path.description == folder }
            guard !wanted.isEmpty else { throw .notInFolder(folder) }
        }
        if case .redeliver(let destination) = order { return [try redelivered(wanted, to: destination)] }
        let present = distinct(wanted.filter(\.isOnServer))
        guard !present.isEmpty else { throw notOnServer(wanted) }
        let watched = present.filter { $0.destinations != nil }
        guard !watched.isEmpty else { throw .notWatched(present[0].path) }
        return watched
    }

    /// Without those that we moved into a folder which is watched since: there they have a row of their own.
    private func distinct(_ copies: [Copy]) -> [Copy] {
        let places = Set(copies.filter { $0.row.removed == nil }.map(\.path))
        return copies.filter { $0.row.removed == nil || !places.contains($0.path) }
    }

    private func notOnServer(_ copies: [Copy]) -> MailOrderRefusal {
        let last = copies.max { ($0.row.removed?.milliseconds ?? 0) < ($1.row.removed?.milliseconds ?? 0) }
        return .notOnServer(removed: last?.row.removed, movedTo: last?.row.movedTo)
    }

    /// The server's copy may go only when nobody needs it any more.
    private func checkIsDelivered(_ copies: [Copy]) throws(MailOrderRefusal) {
        if copies.contains(where: { $0.row.state == .staged }) { throw .notDelivered(.staged) }
        guard copies.contains(where: { $0.row.state == .delivered }) else {
            throw .notDelivered(copies[0].row.state)
        }
    }

    /// The copy that was delivered, the last of them where there are several; one in another folder where that is gone. Its
    /// folder says where it goes.
    private func redelivered(
        _ copies: [Copy], to destination: DestinationName?
    ) throws(MailOrderRefusal) -> Copy {
        let present = copies.filter(\.isOnServer)
        guard !present.isEmpty else { throw notOnServer(copies) }
        guard let best = present.filter({ $0.destinations != nil }).max(by: { $0.row.isWorse(than: $1.row) }) else {
            throw .notWatched(present[0].path)
        }
        if let destination, let known = best.destinations, !known.contains(destination) {
            throw .noSuchDestination(destination, known: known)
        }
        return best
    }
}

extension LedgerRow {
    /// Which of two copies is the less likely to be the one to deliver again.
    func isWorse(than other: LedgerRow) -> Bool {
        if (state == .delivered) != (other.state == .delivered) { return other.state == .delivered }
        return (delivered ?? noted, id) < (other.delivered ?? other.noted, other.id)
    }
}
