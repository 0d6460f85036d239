import Diagnostics
import MailModel

/// The ledger: every message we ever knew, and what became of it.
///
/// Where a statement names its index, SQLite would choose one that walks through all rows of a folder: it has no
/// statistics of the file.
public struct LedgerTable<Access> {
    let connection: Connection

    // MARK: UIDs

    /// Every UID of the epoch that has a row, whatever its state. Read from an index, as ranges.
    public func known(_ folder: FolderID, epoch: Epoch, in range: ClosedRange<UID> = .min ... .max) throws -> UIDSet {
        var uids = UIDSet()
        try connection.statement(
            "SELECT uid FROM ledger WHERE folder = ? AND epoch = ? AND uid BETWEEN ? AND ? ORDER BY uid"
        ).forEach(folder, epoch, range.lowerBound, range.upperBound) { uids.insert(try $0.next(UID.self)) }
        return uids
    }

    /// The UIDs of the epoch in a state other than delivered.
    public func uids(_ folder: FolderID, epoch: Epoch, in state: LedgerState) throws -> UIDSet {
        precondition(state != .delivered, "delivered rows are the many: ask for all that are known")
        var uids = UIDSet()
        try connection.statement(
            """
            SELECT uid FROM ledger INDEXED BY ledger_open
            WHERE folder = ? AND state = ? AND state <> 'delivered' AND epoch = ?
            ORDER BY uid
            """
        ).forEach(folder, state, epoch) { uids.insert(try $0.next(UID.self)) }
        return uids
    }

    /// The UIDs of the epoch that were noted as too large and are no larger than `limit`; without one all of them.
    public func tooLarge(_ folder: FolderID, epoch: Epoch, fitting limit: Int64?) throws -> UIDSet {
        var uids = UIDSet()
        try connection.statement(
            """
            SELECT uid FROM ledger INDEXED BY ledger_open
            WHERE folder = ? AND state = 'too_large' AND state <> 'delivered' AND epoch = ? AND server_size <= ?
            ORDER BY uid
            """
        ).forEach(folder, epoch, limit ?? .max) { uids.insert(try $0.next(UID.self)) }
        return uids
    }

    /// The UIDs of the epoch that were left out and whose date is no older than `oldest`; without one all of them.
    ///
    /// - Parameter undated: also those of which no date is known.
    public func skipped(
        _ folder: FolderID, epoch: Epoch, youngerThan oldest: Timestamp?, orUndated undated: Bool = false
    ) throws -> UIDSet {
        var uids = UIDSet()
        try connection.statement(
            """
            SELECT uid FROM ledger INDEXED BY ledger_open
            WHERE folder = ?1 AND state = 'skipped' AND state <> 'delivered' AND epoch = ?2
                AND (?3 IS NULL OR message_date >= ?3 OR ?4 AND message_date IS NULL)
            ORDER BY uid
            """
        ).forEach(folder, epoch, oldest?.seconds, undated) { uids.insert(try $0.next(UID.self)) }
        return uids
    }

    /// Of `uids`, those whose message we removed from the server: what stands there now is another one.
    public func removed(_ folder: FolderID, epoch: Epoch, among uids: UIDSet) throws -> UIDSet {
        var removed = UIDSet()
        try connection.statement(
            """
            SELECT uid FROM ledger INDEXED BY ledger_removed
            WHERE folder = ? AND epoch = ? AND removed IS NOT NULL ORDER BY uid
            """
        ).forEach(folder, epoch) { row in
            let uid = try row.next(UID.self)
            if uids.contains(uid) { removed.insert(uid) }
        }
        return removed
    }

    // MARK: Rows

    public func find(_ id: LedgerID) throws -> LedgerRow? {
        try connection.first("\(Self.select) WHERE id = ?", id, read: Self.row)
    }

    public func find(_ folder: FolderID, epoch: Epoch, uid: UID) throws -> LedgerRow? {
        try connection.first(
            "\(Self.select) WHERE folder = ? AND epoch = ? AND uid = ?", folder, epoch, uid, read: Self.row)
    }

    /// The rows that share a delivery key: one, unless a message was seen in several folders.
    public func find(_ key: DeliveryKey) throws -> [LedgerRow] {
        try connection.all(
            "\(Self.select) WHERE delivery_key = ? ORDER BY id LIMIT \(Limits.page)", key, read: Self.row)
    }

    /// Rows of the epoch above `after`, ascending by UID, at most `limit`.
    public func page(
        _ folder: FolderID, epoch: Epoch, after uid: UID? = nil, limit: Int = .max
    ) throws -> [LedgerRow] {
        try connection.all(
            "\(Self.select) WHERE folder = ? AND epoch = ? AND uid > ? ORDER BY uid LIMIT ?", folder, epoch,
            Int64(uid?.rawValue ?? 0), min(limit, Limits.page), read: Self.row)
    }

    // MARK: Known again

    /// Messages of any folder and epoch of the account with this identity, in the order they came to be known.
    public func rows(_ account: AccountID, identity: IdentityKey) throws -> [LedgerRow] {
        try connection.all(LedgerSelection.byIdentity, identity, account, read: Self.row)
    }

    /// The same by the server's own id, which is asked first where both sides have one.
    public func rows(_ account: AccountID, serverID: String) throws -> [LedgerRow] {
        try connection.all(LedgerSelection.byServerID, serverID, account, read: Self.row)
    }

    /// Known messages by which to see that UIDs still mean the same: the `newest` and some `spread` over the rest.
    ///
    /// A present message with another Message-ID or date under such a UID proves a move; a missing one proves nothing.
    public func anchors(
        _ folder: FolderID, epoch: Epoch, newest: Int = 8, spread: Int = 4
    ) throws -> [LedgerRow] {
        // Also of what was not delivered, such as another folder's duplicates: a folder may hold nothing else.
        let condition = """
            folder = ? AND epoch = ? AND state IN ('delivered', 'duplicate')
            AND (message_id_hash IS NOT NULL OR message_date IS NOT NULL)
            """
        var anchors = try connection.all(
            "\(Self.select) WHERE \(condition) ORDER BY uid DESC LIMIT ?", folder, epoch, newest, read: Self.row)
        guard let oldestOfNew = anchors.last?.uid, anchors.count == newest else { return anchors.reversed() }
        let first: Int64? = try connection.first(
            "SELECT uid FROM ledger WHERE folder = ? AND epoch = ? ORDER BY uid LIMIT 1", folder, epoch
        ) { try $0.next() }
        let lowest = first ?? 1
        for step in 0..<spread {
            let from = lowest + (Int64(oldestOfNew.rawValue) - lowest) * Int64(step) / Int64(spread)
            let row = try connection.first(
                "\(Self.select) WHERE \(condition) AND uid >= ? AND uid < ? ORDER BY uid LIMIT 1", folder, epoch,
                from,
                oldestOfNew, read: Self.row)
            if let row, !anchors.contains(where: { $0.id == row.id }) { anchors.append(row) }
        }
        return anchors.sorted { $0.uid < $1.uid }
    }

    // MARK: Counts

    /// How many rows of the folder are in each state but delivered, in any epoch; what was delivered is counted in the
    /// folder's row.
    public func counts(_ folder: FolderID) throws -> [LedgerState: Int] {
        let counts = try connection.all(
            "SELECT state, count(*) FROM ledger WHERE folder = ? AND state <> 'delivered' GROUP BY state", folder
        ) { row in (try row.next(LedgerState.self), try row.next(Int.self)) }
        return Dictionary(counts) { first, _ in first }
    }

    static var select: String { LedgerSelection.all }

    static func row(_ row: inout Row) throws -> LedgerRow {
        var found = LedgerRow(
            id: try row.next(), folder: try row.next(), epoch: try row.next(), uid: try row.next(),
            state: try row.next(), deliveryKey: try row.next(), contentHash: try row.next(),
            contentSize: try row.next(), traits: try traits(&row), isDoubtful: try row.next(), reason: try row.next(),
            noted: try row.next(), delivered: try row.next(), removed: try row.next(), movedTo: try row.next())
        if let validity = try row.next(UIDValidity?.self), let uid = try row.next(UID?.self) {
            found.movedPlace = MessagePlace(uidValidity: validity, uid: uid)
        }
        return found
    }

    private static func traits(_ row: inout Row) throws -> MessageTraits {
        MessageTraits(
            identity: try row.next(), date: try row.next(Int64?.self).map { Timestamp(seconds: $0) },
            messageIDHash: try row.next(), listIDHash: try row.next(), deliveredToHash: try row.next(),
            serverID: try row.next(), serverSize: try row.next())
    }
}

/// Statements that are run for each message of a folder are not put together each time.
enum LedgerSelection {
    static let all = """
        SELECT id, folder, epoch, uid, state, delivery_key, content_hash, content_size, identity, message_date,
            message_id_hash, list_id_hash, delivered_to_hash, server_id, server_size, doubtful, reason, noted, delivered,
            removed, moved_to, moved_validity, moved_uid
        FROM ledger
        """
    static let byIdentity = """
        \(all) INDEXED BY ledger_identity
        WHERE identity = ? AND ? = (SELECT account FROM folders WHERE folders.id = ledger.folder)
        ORDER BY epoch, uid LIMIT \(Limits.page)
        """
    static let byServerID = """
        \(all) INDEXED BY ledger_server_id
        WHERE server_id = ? AND ? = (SELECT account FROM folders WHERE folders.id = ledger.folder)
        ORDER BY epoch, uid LIMIT \(Limits.page)
        """
    static let identities = """
        SELECT id, epoch, identity, removed IS NOT NULL, uid FROM ledger INDEXED BY ledger_uid
        WHERE folder = ? AND (epoch, uid) > (?, ?) ORDER BY epoch, uid LIMIT \(Limits.identitiesRead)
        """
    /// The conditions are those on which `KnownMail` takes the only message with an identity for known.
    static let place = """
        UPDATE OR IGNORE ledger SET epoch = ?2, uid = ?3
        WHERE id = ?4 AND folder = ?1 AND epoch >= ?5 AND epoch < ?2 AND removed IS NULL
            AND identity = ?6 AND message_date = ?7 AND list_id_hash IS ?8
            AND (?9 IS NULL OR delivered_to_hash IS NULL OR delivered_to_hash = ?9)
        """
}
