import Diagnostics
import MailModel

/// What the ledger learns from mail that was delivered before.
extension LedgerTable {
    /// Delivered messages of the account that may be the one in a file: those with its delivery key first, then those with
    /// its content.
    public func candidates(for message: ImportedMessage, of account: AccountID) throws -> [LedgerID] {
        let owned = "AND ? = (SELECT account FROM folders WHERE folders.id = ledger.folder)"
        let byKey = try connection.all(
            """
            SELECT id FROM ledger INDEXED BY ledger_key
            WHERE delivery_key = ? AND state IN ('staged', 'delivered') \(owned) ORDER BY id
            """, message.deliveryKey, account
        ) { try $0.next(LedgerID.self) }
        let byContent = try connection.all(
            """
            SELECT id FROM ledger INDEXED BY ledger_identity
            WHERE identity = ? AND content_hash = ? AND state IN ('staged', 'delivered') \(owned) ORDER BY id
            """, message.traits.identity, message.contentHash, account
        ) { try $0.next(LedgerID.self) }
        return byKey + byContent
    }
}

extension LedgerTable where Access == Writing {
    /// Writes messages down as delivered, under no UID: recoveries look for them as for those of an earlier epoch.
    ///
    /// - Returns: their numbers.
    public func learn(
        _ folder: FolderID, _ messages: [ImportedMessage], at now: Timestamp
    ) throws -> [LedgerID] {
        let insert = try connection.statement(
            """
            INSERT INTO ledger (id, folder, epoch, uid, state, delivery_key, identity, content_hash, message_date,
                message_id_hash, list_id_hash, delivered_to_hash, content_size, noted, delivered)
            VALUES (?1, ?2, ?3, ?1, 'delivered', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
            """)
        // The row's own number stands for the UID that it has not.
        var id: Int64 = try connection.value("SELECT coalesce(max(id), 0) FROM ledger")
        return try messages.map { message in
            id += 1
            let traits = message.traits
            try insert.run(
                id, folder, Epoch.imported, message.deliveryKey, traits.identity, message.contentHash,
                traits.date?.seconds, traits.messageIDHash, traits.listIDHash, traits.deliveredToHash,
                message.contentSize, now, message.delivered)
            return LedgerID(id)
        }
    }
}
