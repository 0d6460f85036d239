import Diagnostics
import MailModel

/// What is still to be done with the server's copies of delivered messages.
///
/// Only mail that every destination holds is ever named here as due.
public struct ServerActionsTable<Access> {
    let connection: Connection

    /// Actions in the folder whose time has come, by UID, from the one behind `uid` on.
    public func due(
        _ account: AccountID, _ folder: FolderID, epoch: Epoch, at now: Timestamp, after uid: UID? = nil,
        limit: Int = .max
    ) throws -> [ServerAction] {
        let rows = try connection.all(
            ServerActionSelection.due, account, now, folder, epoch, Int64(uid?.rawValue ?? 0),
            min(limit, Limits.page), read: Self.row)
        let ledger = LedgerTable<Access>(connection: connection)
        return try rows.compactMap { row in try ledger.find(row.message).map { row.action(on: $0) } }
    }

    /// What is still to be done with the message's copy, the marking first, each with when; `nil`: not delivered yet.
    public func find(_ message: LedgerID) throws -> [(action: ServerAction, due: Timestamp?)] {
        let found = try connection.all(
            """
            SELECT message, action, target, origin, phase, target_name, target_validity, target_next, due
            FROM server_actions WHERE message = ? ORDER BY action <> 'seen'
            """, message
        ) { (try Self.row(&$0), try $0.next(Timestamp?.self)) }
        guard !found.isEmpty, let row = try LedgerTable<Access>(connection: connection).find(message) else {
            return []
        }
        return found.map { ($0.0.action(on: row), $0.1) }
    }

    /// What operators ordered for messages of the folder that are not there any more: they have no UID in this epoch.
    public func stray(
        _ account: AccountID, _ folder: FolderID, epoch: Epoch, limit: Int = .max
    ) throws -> [ServerAction] {
        let rows = try connection.all(
            """
            SELECT message, action, target, origin, phase, target_name, target_validity, target_next
            FROM server_actions INDEXED BY server_actions_ordered JOIN ledger ON ledger.id = message
            WHERE account = ? AND origin = 'operator' AND folder = ? AND epoch <> ?
                AND removed IS NULL
            ORDER BY message LIMIT ?
            """, account, folder, epoch, min(limit, Limits.page), read: Self.row)
        let ledger = LedgerTable<Access>(connection: connection)
        return try rows.compactMap { row in try ledger.find(row.message).map { row.action(on: $0) } }
    }

    /// Messages of the folder that were delivered before `moment` and are still on the server, with nothing planned for
    /// them, from `uid` on.
    public func outdated(
        _ folder: FolderID, epoch: Epoch, deliveredBefore moment: Timestamp, after uid: UID? = nil, limit: Int = .max
    ) throws -> [(id: LedgerID, uid: UID)] {
        try connection.all(
            """
            SELECT id, uid FROM ledger INDEXED BY ledger_uid
            WHERE folder = ? AND epoch = ? AND uid > ? AND state IN ('delivered', 'duplicate')
                AND coalesce(delivered, noted) <= ? AND removed IS NULL
                AND NOT EXISTS (SELECT 1 FROM server_actions WHERE message = ledger.id)
            ORDER BY uid LIMIT ?
            """, folder, epoch, Int64(uid?.rawValue ?? 0), moment, min(limit, Limits.page)
        ) { (try $0.next(), try $0.next()) }
    }

    /// Folders, as the server spells them, in which copies are that we moved there, that are not known there, and for
    /// which something is ordered.
    public func movedTargets(_ account: AccountID) throws -> [String] {
        try connection.all(
            """
            SELECT moved_to FROM server_actions INDEXED BY server_actions_ordered JOIN ledger ON ledger.id = message
            WHERE account = ?1 AND origin = 'operator' AND removed IS NOT NULL AND moved_to IS NOT NULL
            UNION
            SELECT moved_to FROM redeliveries JOIN ledger ON ledger.id = message
            WHERE account = ?1 AND removed IS NOT NULL AND moved_to IS NOT NULL
            ORDER BY moved_to
            """, account
        ) { try $0.next() }
    }

    /// What is ordered for copies in such a folder, each with the UID there.
    ///
    /// - Parameter validity: only those whose UID counts under it; `nil`: those of which the UID is not known or counts
    ///   under another one.
    public func moved(
        _ account: AccountID, to serverName: String, under validity: UIDValidity?, except other: UIDValidity? = nil,
        after uid: UID? = nil, limit: Int = .max
    ) throws -> [ServerAction] {
        let rows = try connection.all(
            """
            SELECT message, action, target, origin, phase, target_name, target_validity, target_next
            FROM server_actions INDEXED BY server_actions_ordered JOIN ledger ON ledger.id = message
            WHERE account = ?1 AND origin = 'operator' AND removed IS NOT NULL AND moved_to = ?2
                AND (moved_validity = ?3 OR ?3 IS NULL AND moved_validity IS NOT ?4) AND coalesce(moved_uid, 1) > ?5
            ORDER BY moved_uid LIMIT ?6
            """, account, serverName, validity, other, Int64(uid?.rawValue ?? 0), min(limit, Limits.page),
            read: Self.row)
        let ledger = LedgerTable<Access>(connection: connection)
        return try rows.compactMap { row in try ledger.find(row.message).map { row.action(on: $0.whereItWasMoved) } }
    }

    /// Whether operators ordered anything for the account that is not done yet.
    public func hasOrders(_ account: AccountID) throws -> Bool {
        try connection.value(
            """
            SELECT EXISTS (SELECT 1 FROM server_actions INDEXED BY server_actions_ordered
                WHERE account = ? AND origin = 'operator')
            """, account)
    }

    /// How many actions of the account wait for their time or for the server.
    public func count(_ account: AccountID) throws -> Int {
        try connection.value("SELECT count(*) FROM server_actions WHERE account = ?", account)
    }

    private struct Stored {
        var message: LedgerID
        var kind: ServerAction.Kind
        var target: MoveTarget?
        var origin: ServerAction.Origin
        var phase: ServerAction.Phase
        var copy: ServerAction.CopyPlace?

        func action(on row: LedgerRow) -> ServerAction {
            ServerAction(message: row, kind: kind, target: target, origin: origin, phase: phase, copy: copy)
        }
    }

    private static func row(_ row: inout Row) throws -> Stored {
        var stored = Stored(
            message: try row.next(), kind: try row.next(), target: try row.next(), origin: try row.next(),
            phase: try row.next())
        let name: String? = try row.next()
        let validity: UIDValidity? = try row.next()
        let next: UID? = try row.next()
        if let name, let validity, let next {
            stored.copy = ServerAction.CopyPlace(serverName: name, uidValidity: validity, uidNext: next)
        }
        return stored
    }
}

extension ServerActionsTable where Access == Writing {
    /// Plans `wish` for messages that are being delivered: its time begins with the delivery.
    public func plan(_ ids: [LedgerID], _ wish: ServerWish, _ account: AccountID) throws {
        let insert = try insertion()
        for id in ids {
            try insert.run(
                id, account, wish.kind, wish.target, ServerAction.Origin.afterFetch, wish.grace.inMilliseconds,
                Timestamp?.none)
        }
    }

    /// Plans an action for a message that is delivered. One that was planned before is replaced, unless it has begun; a
    /// marking and a deletion or move go together, the marking first.
    ///
    /// - Returns: `false` when another one has begun, which goes on.
    @discardableResult
    public func plan(
        _ id: LedgerID, _ kind: ServerAction.Kind, target: MoveTarget? = nil, origin: ServerAction.Origin,
        _ account: AccountID, due: Timestamp
    ) throws -> Bool {
        try connection.run(
            "DELETE FROM server_actions WHERE message = ?1 AND phase = 'planned' AND (action = 'seen') = (?2 = 'seen')",
            id, kind)
        let isFree: Bool = try connection.value(
            """
            SELECT NOT EXISTS (SELECT 1 FROM server_actions WHERE message = ?1 AND (action = 'seen') = (?2 = 'seen'))
            """, id, kind)
        if isFree { try insertion().run(id, account, kind, target, origin, 0, due) }
        return isFree
    }

    /// The messages are delivered everywhere: the time of what was planned for them begins.
    public func delivered(_ ids: some Sequence<LedgerID>, at now: Timestamp) throws {
        guard try connection.value("SELECT EXISTS (SELECT 1 FROM server_actions WHERE due IS NULL)") else { return }
        let start = try connection.statement(
            """
            UPDATE server_actions SET due = ?1 + grace WHERE message = ?2 AND due IS NULL
                AND (SELECT state FROM ledger WHERE id = ?2) IN ('delivered', 'duplicate')
            """)
        for id in ids { try start.run(now, id) }
    }

    /// Before the server is asked to delete or move: after a crash it is asked again.
    public func begin(_ ids: [LedgerID]) throws { try set(.begun, ids) }

    /// Before messages are copied.
    public func copying(_ ids: [LedgerID], into place: ServerAction.CopyPlace) throws {
        let update = try connection.statement(
            """
            UPDATE server_actions SET phase = 'copying', target_name = ?, target_validity = ?, target_next = ?
            WHERE message = ? AND action <> 'seen'
            """)
        for id in ids { try update.run(place.serverName, place.uidValidity, place.uidNext, id) }
    }

    /// The copies are there.
    public func copied(_ ids: [LedgerID]) throws { try set(.copied, ids) }

    /// The server refused what it was asked: nothing is under way, and another order may take its place. What is being
    /// copied stays so, because some of it may be there.
    public func planAgain(_ ids: [LedgerID]) throws {
        let update = try connection.statement(
            "UPDATE server_actions SET phase = 'planned' WHERE message = ? AND phase = 'begun'")
        for id in ids { try update.run(id) }
    }

    /// Messages were moved into a folder; what is known of their places there.
    public func moved(_ ids: [LedgerID], to serverName: String, _ places: [LedgerID: MessagePlace]) throws {
        let update = try connection.statement(
            """
            UPDATE ledger SET moved_to = ?, moved_validity = ?, moved_uid = ? WHERE id = ? AND removed IS NOT NULL
            """)
        for id in ids { try update.run(serverName, places[id]?.uidValidity, places[id]?.uid, id) }
    }

    /// It is done, or there is nothing left to do it with.
    ///
    /// - Parameter removed: the messages are not in their folder any more, and nothing else is left to do with them.
    public func finish(_ actions: [ServerAction], removed: Bool, at now: Timestamp) throws {
        let mark = try connection.statement(
            """
            UPDATE ledger SET removed = ?, moved_to = NULL, moved_validity = NULL, moved_uid = NULL WHERE id = ?
            """)
        let delete = try connection.statement("DELETE FROM server_actions WHERE message = ? AND action = ?")
        for action in actions {
            guard removed else {
                try delete.run(action.message.id, action.kind)
                continue
            }
            try mark.run(now, action.message.id)
            try connection.run("DELETE FROM server_actions WHERE message = ?", action.message.id)
        }
    }

    private func set(_ phase: ServerAction.Phase, _ ids: [LedgerID]) throws {
        let update = try connection.statement(
            "UPDATE server_actions SET phase = ? WHERE message = ? AND action <> 'seen'")
        for id in ids { try update.run(phase, id) }
    }

    private func insertion() throws -> Statement {
        try connection.statement(
            """
            INSERT INTO server_actions (message, account, action, target, origin, grace, due, phase)
            VALUES (?, ?, ?, ?, ?, ?, ?, 'planned') ON CONFLICT DO NOTHING
            """)
    }
}

extension LedgerRow {
    /// The same, with the UID that it has where we moved it.
    var whereItWasMoved: LedgerRow {
        var row = self
        row.uid = movedPlace?.uid ?? uid
        return row
    }
}

enum ServerActionSelection {
    /// Asked at each visit. `CROSS JOIN` keeps the order: the other way round it would walk through all messages of the
    /// folder.
    static let due = """
        SELECT message, action, target, origin, phase, target_name, target_validity, target_next
        FROM server_actions INDEXED BY server_actions_due CROSS JOIN ledger ON ledger.id = message
        WHERE account = ? AND due <= ? AND folder = ? AND epoch = ? AND state IN ('delivered', 'duplicate')
            AND removed IS NULL AND uid > ?
        ORDER BY uid LIMIT ?
        """
}
