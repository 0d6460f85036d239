import Diagnostics
import MailModel

/// What the administrator was told: one row for each subject of which it is still true.
public struct NoticesTable<Access> {
    let connection: Connection

    public func all() throws -> [Notice] {
        try connection.all("SELECT subject, ends, days_before, state FROM notices ORDER BY subject") { row in
            Notice(
                try row.next(), ends: try row.next(), daysBefore: try row.next(),
                state: try row.next(String?.self).flatMap(DirectionState.init))
        }
    }

    /// When something was told last.
    public func lastTold(_ subject: String) throws -> Timestamp? {
        try connection.first("SELECT told FROM notices WHERE subject = ?", subject) { try $0.next() }
    }
}

extension NoticesTable where Access == Writing {
    /// Takes the place of what was told of the same subject before.
    public func told(_ notice: Notice, at now: Timestamp) throws {
        try connection.run(
            """
            INSERT INTO notices (subject, ends, days_before, state, told) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (subject) DO UPDATE SET ends = excluded.ends, days_before = excluded.days_before,
                state = excluded.state, told = excluded.told
            """, notice.subject, notice.ends, notice.daysBefore, notice.state?.rawValue, now)
    }

    /// It is not true any more: should it come back, it is told again.
    public func forget(_ subject: String) throws {
        try connection.run("DELETE FROM notices WHERE subject = ?", subject)
    }
}
