import Diagnostics
import MailModel

/// Folders, and how far each was read.
public struct FoldersTable<Access> {
    let connection: Connection

    public func find(_ id: FolderID) throws -> StoredFolder? {
        try connection.first("\(Self.select) WHERE id = ?", id, read: Self.folder)
    }

    public func find(_ account: AccountID, serverName: String) throws -> StoredFolder? {
        try connection.first(
            "\(Self.select) WHERE account = ? AND server_name = ?", account, serverName, read: Self.folder)
    }

    /// All folders of an account, also those that are not watched any more.
    public func all(of account: AccountID) throws -> [StoredFolder] {
        try connection.all("\(Self.select) WHERE account = ? ORDER BY server_name", account, read: Self.folder)
    }

    private static var select: String {
        """
        SELECT id, account, server_name, role, delimiter, mailbox_id, epoch, server, uid_validity, cursor,
            uid_next_seen, exists_seen, recovering, delivered, doubtful, recognised, revised, duplicates, backfilling,
            since_seen
        FROM folders
        """
    }

    private static func folder(_ row: inout Row) throws -> StoredFolder {
        StoredFolder(
            id: try row.next(), account: try row.next(), serverName: try row.next(), role: try row.next(),
            delimiter: try row.next(), mailboxID: try row.next(), epoch: try row.next(),
            server: try row.next(), uidValidity: try row.next(), cursor: try row.next(), uidNextSeen: try row.next(),
            existsSeen: try row.next(), isRecovering: try row.next(), delivered: try row.next(),
            doubtful: try row.next(), recognised: try row.next(), revised: try row.next(),
            duplicates: try row.next(), isBackfilling: try row.next(), sinceSeen: try row.next())
    }
}

extension FoldersTable where Access == Writing {
    /// The folder of that name, made where there is none; role and delimiter are kept up to date.
    public func ensure(
        _ account: AccountID, serverName: String, role: FolderRole? = nil, delimiter: String? = nil
    ) throws -> StoredFolder {
        if let known = try find(account, serverName: serverName) {
            guard known.role != role || known.delimiter != delimiter else { return known }
            try connection.run("UPDATE folders SET role = ?, delimiter = ? WHERE id = ?", role, delimiter, known.id)
            return try existing(known.id)
        }
        guard serverName.utf8.count <= Limits.nameOctets else {
            throw Failure(
                .folder, .never, operation: "folders",
                reason: "The name of a folder is longer than \(Limits.nameOctets) octets. It is not watched.")
        }
        try connection.run(
            "INSERT INTO folders (account, server_name, role, delimiter) VALUES (?, ?, ?, ?)", account, serverName,
            role,
            delimiter)
        return try existing(FolderID(connection.lastInsertedRow))
    }

    /// The same folder under another name, with everything that is known of it.
    public func rename(_ id: FolderID, to serverName: String) throws {
        try connection.run("UPDATE folders SET server_name = ? WHERE id = ?", serverName, id)
    }

    /// From now on UIDs name other messages: at the first visit, with a new UIDVALIDITY, or when UIDs started again.
    ///
    /// Rows of earlier epochs stay as the known messages to look for; while there are any, the folder is recovering,
    /// also after a crash, until `finishRecovery`. Deferred and quarantined ones go: of a message that was never retrieved
    /// nothing is known by which it could be found again, and it is new mail under its new UID.
    ///
    /// - Parameter former: folders that are not there any more, whose messages may be in this one now.
    public func beginEpoch(
        _ id: FolderID, uidValidity: UIDValidity, mailboxID: String? = nil, server: String? = nil,
        former: [FolderID] = []
    ) throws -> StoredFolder {
        try connection.run(
            """
            DELETE FROM ledger WHERE id IN (
                SELECT id FROM ledger INDEXED BY ledger_open
                WHERE folder = ? AND state IN ('deferred', 'quarantined') AND state <> 'delivered')
            """, id)
        try connection.run(
            "UPDATE ledger SET epoch = ? WHERE folder = ? AND epoch = ?", Epoch.imported, id, Epoch.indistinct)
        let isExpecting = try ([id] + former).contains { folder in
            try connection.value("SELECT EXISTS (SELECT 1 FROM ledger WHERE folder = ?)", folder)
        }
        try connection.run(
            """
            UPDATE folders SET epoch = epoch + 1, uid_validity = ?, mailbox_id = ?, server = coalesce(?, server),
                cursor = NULL, uid_next_seen = NULL, exists_seen = NULL, backfilling = 0, since_seen = NULL,
                recovering = ?
            WHERE id = ?
            """, uidValidity, mailboxID, server, isExpecting, id)
        return try existing(id)
    }

    /// Where the folder's UIDs come from, and its MAILBOXID, where that was not known yet.
    public func remember(_ id: FolderID, server: String?, mailboxID: String?) throws -> StoredFolder {
        try connection.run(
            """
            UPDATE folders SET server = coalesce(server, ?), mailbox_id = coalesce(mailbox_id, ?) WHERE id = ?
            """, server, mailboxID, id)
        return try existing(id)
    }

    /// Forgets what UIDs meant, and nothing else: the next visit looks for everything that is known.
    public func reset(_ id: FolderID) throws {
        try connection.run(
            """
            UPDATE folders SET uid_validity = NULL, cursor = NULL, uid_next_seen = NULL, exists_seen = NULL
            WHERE id = ?
            """, id)
    }

    /// Everything present was compared with what was known before. What was not found stays known, in case it comes back.
    public func finishRecovery(_ id: FolderID, epoch: Epoch) throws {
        try checkEpoch(id, epoch)
        try connection.run("UPDATE folders SET recovering = 0 WHERE id = ?", id)
    }

    /// How far the folder is accounted for after a look. Writes nothing when nothing changed.
    public func advance(_ id: FolderID, epoch: Epoch, to mark: FolderMark) throws {
        try checkEpoch(id, epoch)
        try connection.run(
            """
            UPDATE folders SET cursor = ?2, uid_next_seen = ?3, exists_seen = ?4, backfilling = ?5, since_seen = ?6
            WHERE id = ?1 AND (cursor IS NOT ?2 OR uid_next_seen IS NOT ?3 OR exists_seen IS NOT ?4
                OR backfilling <> ?5 OR since_seen IS NOT ?6)
            """, id, mark.cursor, mark.uidNextSeen, mark.existsSeen, mark.isBackfilling, mark.sinceSeen)
    }

    /// Nothing waits below the cursor any more.
    public func finishBackfill(_ id: FolderID, epoch: Epoch) throws {
        try checkEpoch(id, epoch)
        try connection.run("UPDATE folders SET backfilling = 0 WHERE id = ?", id)
    }

    /// Refuses results of a visit that began before the epoch changed.
    func checkEpoch(_ id: FolderID, _ epoch: Epoch) throws {
        let present: Epoch? = try connection.first("SELECT epoch FROM folders WHERE id = ?", id) { try $0.next() }
        guard present == epoch else {
            throw Failure(
                .folder, .now, operation: "state",
                reason: "The folder was reset or recovered meanwhile; it is visited again.")
        }
    }

    private func existing(_ id: FolderID) throws -> StoredFolder {
        guard let folder = try find(id) else {
            throw Failure(.folder, .now, operation: "state", reason: "The folder was forgotten meanwhile.")
        }
        return folder
    }
}
