import Diagnostics
import MailModel

/// Delivered messages that operators want delivered once more: few rows, each of which goes away with `stageAgain`.
public struct RedeliveriesTable<Access> {
    let connection: Connection

    public func find(_ message: LedgerID) throws -> Redelivery? {
        try redeliveries(
            connection.all("\(Self.select) WHERE message = ?", message, read: Self.row)
        ).first
    }

    /// Whether any is ordered for the account.
    public func isEmpty(_ account: AccountID) throws -> Bool {
        try connection.value("SELECT NOT EXISTS (SELECT 1 FROM redeliveries WHERE account = ?)", account)
    }

    /// Those of the folder that have a UID, by UID, from the one behind `uid` on.
    public func due(
        _ account: AccountID, _ folder: FolderID, epoch: Epoch, after uid: UID? = nil, limit: Int = .max
    ) throws -> [Redelivery] {
        try redeliveries(
            connection.all(
                """
                \(Self.select) INDEXED BY redeliveries_account CROSS JOIN ledger ON ledger.id = message
                WHERE account = ? AND folder = ? AND epoch = ? AND state IN ('delivered', 'duplicate')
                    AND removed IS NULL AND uid > ?
                ORDER BY uid LIMIT ?
                """, account, folder, epoch, Int64(uid?.rawValue ?? 0), min(limit, Limits.page), read: Self.row))
    }

    /// Those of the folder whose messages are not there any more: they have no UID in this epoch.
    public func stray(
        _ account: AccountID, _ folder: FolderID, epoch: Epoch, limit: Int = .max
    ) throws -> [Redelivery] {
        try redeliveries(
            connection.all(
                """
                \(Self.select) INDEXED BY redeliveries_account JOIN ledger ON ledger.id = message
                WHERE account = ? AND folder = ? AND epoch <> ? AND removed IS NULL ORDER BY message LIMIT ?
                """, account, folder, epoch, min(limit, Limits.page), read: Self.row))
    }

    /// Those whose copies we moved into a folder in which they are not known, each with the UID there.
    ///
    /// - Parameter validity: only those whose UID counts under it; `nil`: those of which the UID is not known or counts
    ///   under another one.
    public func moved(
        _ account: AccountID, to serverName: String, under validity: UIDValidity?, except other: UIDValidity? = nil,
        limit: Int = .max
    ) throws -> [Redelivery] {
        try redeliveries(
            connection.all(
                """
                \(Self.select) INDEXED BY redeliveries_account JOIN ledger ON ledger.id = message
                WHERE account = ?1 AND removed IS NOT NULL AND moved_to = ?2
                    AND (moved_validity = ?3 OR ?3 IS NULL AND moved_validity IS NOT ?4)
                ORDER BY message LIMIT ?5
                """, account, serverName, validity, other, min(limit, Limits.page), read: Self.row)
        ).map {
            Redelivery(
                message: $0.message.whereItWasMoved, destination: $0.destination, ordered: $0.ordered,
                attempts: $0.attempts)
        }
    }

    private struct Stored {
        var message: LedgerID
        var destination: DestinationName?
        var ordered: Timestamp
        var attempts: Int
    }

    private static var select: String { "SELECT message, destination, ordered, attempts FROM redeliveries" }

    private static func row(_ row: inout Row) throws -> Stored {
        Stored(
            message: try row.next(), destination: try row.next(), ordered: try row.next(), attempts: try row.next())
    }

    private func redeliveries(_ stored: [Stored]) throws -> [Redelivery] {
        let ledger = LedgerTable<Access>(connection: connection)
        return try stored.compactMap { stored in
            try ledger.find(stored.message).map {
                Redelivery(
                    message: $0, destination: stored.destination, ordered: stored.ordered, attempts: stored.attempts)
            }
        }
    }
}

extension RedeliveriesTable where Access == Writing {
    /// The message is to be delivered once more. What was ordered before for it is replaced.
    public func order(
        _ message: LedgerID, to destination: DestinationName?, _ account: AccountID, at now: Timestamp
    ) throws {
        try connection.run(
            "INSERT OR REPLACE INTO redeliveries (message, account, destination, ordered, attempts) VALUES (?, ?, ?, ?, 0)",
            message, account, destination, now)
    }

    /// Before the server is asked for them: one at which every connection breaks is given up some day.
    public func begin(_ messages: [LedgerID]) throws {
        let update = try connection.statement("UPDATE redeliveries SET attempts = attempts + 1 WHERE message = ?")
        for message in messages { try update.run(message) }
    }

    /// They are not wanted any more.
    public func cancel(_ messages: [LedgerID]) throws {
        let delete = try connection.statement("DELETE FROM redeliveries WHERE message = ?")
        for message in messages { try delete.run(message) }
    }
}
