import Diagnostics
import MailModel

/// Accounts: a number that stays, and the name that may change.
public struct AccountsTable<Access> {
    let connection: Connection

    public func all() throws -> [StoredAccount] {
        try connection.all("\(Self.select) ORDER BY name", read: Self.account)
    }

    public func find(_ name: AccountName) throws -> StoredAccount? {
        try connection.first("\(Self.select) WHERE name = ?", name, read: Self.account)
    }

    public func find(_ id: AccountID) throws -> StoredAccount? {
        try connection.first("\(Self.select) WHERE id = ?", id, read: Self.account)
    }

    private static var select: String {
        """
        SELECT id, name, created, parked_total, parked_since, paused_until, backfill_paused_until, audited, unaccounted
        FROM accounts
        """
    }

    private static func account(_ row: inout Row) throws -> StoredAccount {
        StoredAccount(
            id: try row.next(), name: try row.next(), created: try row.next(),
            parking: StoredAccount.Parking(total: try row.next(), since: try row.next()),
            pauses: StoredAccount.Pauses(account: try row.next(), backfill: try row.next()),
            audited: try row.next(), unaccounted: try row.next())
    }
}

extension AccountsTable where Access == Writing {
    /// The account's number; made, or taken over from a former name, where there is none under this name yet.
    public func ensure(_ name: AccountName, previously: [AccountName] = [], at now: Timestamp) throws -> AccountID {
        if let known = try find(name) { return known.id }
        for former in previously {
            guard let known = try find(former) else { continue }
            try connection.run("UPDATE accounts SET name = ? WHERE id = ?", name, known.id)
            return known.id
        }
        try connection.run("INSERT INTO accounts (name, created) VALUES (?, ?)", name, now)
        return AccountID(connection.lastInsertedRow)
    }

    /// From `now` on, time does not age the account's queued messages. Nothing changes when that is so already.
    public func parkSending(_ id: AccountID, at now: Timestamp) throws {
        try connection.run(
            "UPDATE accounts SET parked_since = ? WHERE id = ? AND parked_since IS NULL", now, id)
    }

    /// Time ages the account's queued messages again.
    public func unparkSending(_ id: AccountID, at now: Timestamp) throws {
        try connection.run(
            """
            UPDATE accounts SET parked_total = parked_total + max(0, ? - parked_since), parked_since = NULL
            WHERE id = ? AND parked_since IS NOT NULL
            """, now, id)
    }

    /// An operator's pauses, which outlive a restart.
    public func pause(_ id: AccountID, _ pauses: StoredAccount.Pauses) throws {
        try connection.run(
            "UPDATE accounts SET paused_until = ?, backfill_paused_until = ? WHERE id = ?", pauses.account,
            pauses.backfill, id)
    }

    // MARK: Audits

    /// How many messages are unaccounted for now. Writes nothing when nothing changed.
    public func noteUnaccounted(_ id: AccountID, _ count: Int) throws {
        try connection.run(
            "UPDATE accounts SET unaccounted = ?1 WHERE id = ?2 AND unaccounted <> ?1", count, id)
    }

    /// An audit that began at `moment` came to its end: the next one is due the night after.
    public func noteAudit(_ id: AccountID, at moment: Timestamp) throws {
        try connection.run("UPDATE accounts SET audited = ? WHERE id = ?", moment, id)
    }
}
