import Diagnostics
import MailModel

/// How an account leaves: piece by piece, each piece a short commit, so that nobody waits for a mailbox of half a million
/// messages. What was interrupted is finished by doing it again.
extension LedgerTable where Access == Writing {
    /// Forgets at most `limit` messages of a folder.
    ///
    /// - Returns: how many, and the files in quarantine that nobody names any more.
    public func forget(_ folder: FolderID, limit: Int) throws -> (count: Int, files: [String]) {
        let rows = try connection.all(
            """
            SELECT id, file FROM ledger LEFT JOIN obstacles ON message = id WHERE folder = ? LIMIT ?
            """, folder, limit
        ) { row in (id: try row.next(LedgerID.self), file: try row.next(String?.self)) }
        let delete = try connection.statement("DELETE FROM ledger WHERE id = ?")
        for row in rows { try delete.run(row.id) }
        return (rows.count, rows.compactMap(\.file))
    }
}

extension QueueTable where Access == Writing {
    /// Forgets at most `limit` messages of an account. Files go after the commit; a crash in between leaves them to the
    /// next start.
    ///
    /// - Parameter open: also those that are neither sent nor given up.
    /// - Returns: how many.
    public func forget(_ account: AccountID, open: Bool, limit: Int) throws -> Int {
        let parts =
            ["messages_account_finished WHERE account = ? AND finished IS NOT NULL"]
            + (open ? ["messages_open WHERE account = ? AND finished IS NULL AND state <> 'sending'"] : [])
        let rows = try parts.flatMap { part in
            try connection.all(
                "SELECT id, queue_id, body_kind FROM messages INDEXED BY \(part) LIMIT ?", account, limit
            ) { row in
                (row: try row.next(Int64.self), id: try row.next(QueueID.self), place: try row.next(BodyPlace.self))
            }
        }.prefix(limit)
        let delete = try connection.statement("DELETE FROM messages WHERE id = ?")
        for row in rows { try delete.run(row.row) }
        let files = rows.filter { $0.place == .file }.map(\.id)
        if !files.isEmpty { transaction.onCommit { [spool = transaction.spool] in spool.remove(files) } }
        return rows.count
    }
}

extension FoldersTable where Access == Writing {
    /// Forgets a folder of which no message is known any more.
    public func forget(_ id: FolderID) throws { try connection.run("DELETE FROM folders WHERE id = ?", id) }
}

extension AccountsTable where Access == Writing {
    /// Forgets an account that has no messages any more, neither fetched nor queued.
    ///
    /// - Returns: `false` when it has some: they came meanwhile.
    public func forget(_ id: AccountID) throws -> Bool {
        let hasMessages: Bool = try connection.value(
            """
            SELECT EXISTS (
                    SELECT 1 FROM messages INDEXED BY messages_account_finished
                    WHERE account = ?1 AND finished IS NOT NULL)
                OR EXISTS (SELECT 1 FROM messages INDEXED BY messages_open WHERE account = ?1 AND finished IS NULL)
                OR EXISTS (SELECT 1 FROM folders WHERE account = ?1)
            """, id)
        guard !hasMessages else { return false }
        try connection.run("DELETE FROM accounts WHERE id = ?", id)
        return true
    }
}
