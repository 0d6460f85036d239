import Diagnostics
import MailModel

/// What stepped aside by itself and nobody was told of yet: a row for each message, written with the step itself. It goes
/// away when it is told, and says nothing of a message that has come back meanwhile.
public struct PutAsideTable<Access> {
    let connection: Connection

    /// When the first of those came that no notice tells of yet; `nil`: there are none.
    public func oldest() throws -> Timestamp? {
        try connection.first("SELECT noted FROM put_aside WHERE notice IS NULL ORDER BY noted LIMIT 1") {
            try $0.next()
        }
    }

    /// The notice that was being queued when the daemon ended.
    public func unfinishedNotice() throws -> String? {
        try connection.first("SELECT notice FROM put_aside WHERE notice IS NOT NULL LIMIT 1") { try $0.next() }
    }

    /// What a notice tells of, by account, as it is now.
    public func told(in notice: String) throws -> [PutAside] {
        try connection.all(
            """
            SELECT kind, put_aside.account, count(*) FROM put_aside
                LEFT JOIN messages ON kind = 'held' AND messages.id = subject
                LEFT JOIN ledger ON kind = 'quarantined' AND ledger.id = subject
            WHERE notice = ? AND (messages.state = 'held' OR ledger.state = 'quarantined')
            GROUP BY put_aside.account, kind ORDER BY put_aside.account, kind
            """, notice
        ) { row in
            PutAside(
                kind: PutAside.Kind(rawValue: try row.next()) ?? .held, account: try row.next(),
                count: try row.next())
        }
    }

    /// The first held messages of a notice and an account.
    public func held(in notice: String, of account: AccountID, limit: Int) throws -> [QueueID] {
        try connection.all(
            """
            SELECT queue_id FROM put_aside JOIN messages ON messages.id = subject
            WHERE notice = ? AND put_aside.account = ? AND kind = 'held' AND state = 'held' ORDER BY subject LIMIT ?
            """, notice, account, limit
        ) { try $0.next() }
    }

    /// The first quarantined messages of a notice and an account.
    public func quarantined(in notice: String, of account: AccountID, limit: Int) throws -> [LedgerID] {
        try connection.all(
            """
            SELECT subject FROM put_aside JOIN ledger ON ledger.id = subject
            WHERE notice = ? AND account = ? AND kind = 'quarantined' AND state = 'quarantined'
            ORDER BY subject LIMIT ?
            """, notice, account, limit
        ) { try $0.next() }
    }
}

extension PutAsideTable where Access == Writing {
    func add(_ kind: PutAside.Kind, _ subject: Int64, of account: AccountID, at now: Timestamp) throws {
        try connection.run(
            "INSERT OR REPLACE INTO put_aside (kind, subject, account, noted) VALUES (?, ?, ?, ?)", kind.rawValue,
            subject, account, now)
    }

    /// Held mail to this address says nothing that its reader has not heard already.
    public func leaveOut(heldMailOf account: AccountID, to address: String) throws {
        try connection.run(
            """
            DELETE FROM put_aside WHERE kind = 'held' AND account = ? AND notice IS NULL AND subject IN
                (SELECT message FROM recipients WHERE address = ? AND position = 0)
                AND (SELECT count(*) FROM recipients WHERE message = subject) = 1
            """, account, address)
    }

    /// All that is not told yet is told by this notice.
    public func gather(into notice: String) throws {
        try connection.run("UPDATE put_aside SET notice = ? WHERE notice IS NULL", notice)
    }

    /// The notice is queued.
    public func forget(_ notice: String) throws {
        try connection.run("DELETE FROM put_aside WHERE notice = ?", notice)
    }
}
