import CSQLite
import Diagnostics

/// Brings the database file to this program's schema, one version at a time, each in a transaction of its own.
///
/// The file says whose it is (`application_id`) and how far it is (`user_version`). A file that is not ours, or that a
/// newer Postbote wrote, is left as it is.
struct Migrations {
    /// "Post", in the header of every database of ours (https://www.sqlite.org/fileformat.html#application_id).
    static let applicationID: Int64 = 0x506f_7374

    /// The SQL that leads from version n to version n + 1, at place n. What was once released is never changed.
    let steps: [String]

    var latest: Int64 { Int64(steps.count) }

    func apply(to connection: Connection) throws {
        let version = try check(connection)
        // Kept in the file: readers and backups see the same mode. Not possible inside a transaction.
        try connection.execute("PRAGMA journal_mode = WAL;")
        for number in version..<latest { try step(Int(number), on: connection) }
    }

    /// The file's version, if it is ours to read and write.
    private func check(_ connection: Connection) throws -> Int64 {
        let application: Int64 = try connection.value("PRAGMA application_id")
        let version: Int64 = try connection.value("PRAGMA user_version")
        let tables: Int64 = try connection.value("SELECT count(*) FROM sqlite_schema")
        if application == 0, version == 0, tables == 0 { return 0 }
        guard application == Migrations.applicationID else {
            throw refusal(
                "\(connection.path) is a database of another program. Move it away, or correct `state_directory:`.",
                connection)
        }
        guard version <= latest else {
            throw refusal(
                "\(connection.path) was written by a newer Postbote (schema \(version); this one knows \(latest)). "
                    + "Install that version again, or restore a backup made before the upgrade.",
                connection)
        }
        return version
    }

    private func step(_ number: Int, on connection: Connection) throws {
        do {
            try connection.execute("BEGIN IMMEDIATE;")
            try connection.execute(steps[number])
            // Both stand in the header page and are part of the transaction: a crash leaves the old version whole.
            try connection.execute("PRAGMA application_id = \(Migrations.applicationID);")
            try connection.execute("PRAGMA user_version = \(number + 1);")
            try connection.execute("COMMIT;")
        } catch {
            if connection.isInTransaction { try? connection.execute("ROLLBACK;") }
            throw error
        }
    }

    private func refusal(_ reason: String, _ connection: Connection) -> Failure {
        Failure(
            .daemon, .whenReconfigured(by: .operatorOfPostbote), operation: "open state", reason: reason,
            place: ["file": connection.path])
    }
}
