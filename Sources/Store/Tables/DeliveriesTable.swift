import Diagnostics
import MailModel

/// A hand-over that is still owed: the message was written down, and nobody knows yet whether the destination holds it.
public struct OwedDelivery: Hashable, Sendable {
    public let message: LedgerID
    public let folder: FolderID
    public let uid: UID
    public let deliveryKey: DeliveryKey
    public let destination: DestinationName
    /// The file's name in the destination's staging.
    public let stagedName: String
}

/// Hand-overs still owed: few rows, which go away with the message's delivery. Settled by `ledger.deliver`.
public struct DeliveriesTable<Access> {
    let connection: Connection

    /// What is owed for the account's messages, in the order they were staged, from `after` on, at most `limit` messages
    /// with all their destinations: what recovery goes through after a start.
    public func owed(
        _ account: AccountID, after message: LedgerID? = nil, limit: Int = .max
    ) throws -> [OwedDelivery] {
        try connection.all(
            """
            SELECT message, folder, uid, delivery_key, destination, staged_name
            FROM deliveries JOIN ledger ON ledger.id = message
            WHERE message IN (
                SELECT id FROM ledger INDEXED BY ledger_open
                WHERE folder IN (SELECT id FROM folders WHERE account = ?) AND state = 'staged'
                    AND state <> 'delivered' AND id > ?
                ORDER BY id LIMIT ?)
            ORDER BY message, destination
            """, account, message ?? LedgerID(0), min(limit, Limits.stagedPage), read: Self.delivery)
    }

    /// Whether a file in a destination's staging still belongs to a message; one that does not may be swept.
    public func isOwed(_ stagedName: String, to destination: DestinationName, _ key: DeliveryKey) throws -> Bool {
        try connection.value(
            """
            SELECT EXISTS (SELECT 1 FROM ledger JOIN deliveries ON message = ledger.id
                WHERE delivery_key = ? AND destination = ? AND staged_name = ?)
            """, key, destination, stagedName)
    }

    /// The accounts that are owed anything.
    public func accounts() throws -> [AccountID] {
        try connection.all(
            """
            SELECT DISTINCT account FROM deliveries JOIN ledger ON ledger.id = message
            JOIN folders ON folders.id = folder ORDER BY account
            """
        ) { try $0.next() }
    }

    private static func delivery(_ row: inout Row) throws -> OwedDelivery {
        OwedDelivery(
            message: try row.next(), folder: try row.next(), uid: try row.next(), deliveryKey: try row.next(),
            destination: try row.next(), stagedName: try row.next())
    }
}
