import CSQLite

/// Changes a state behind the back of the program that owns it, as a fault that a test plants.
public struct Tampering: Error, CustomStringConvertible {
    public let description: String

    /// Runs SQL on the database of a state directory, also while a daemon has it open.
    public static func run(_ sql: String, in directory: String) throws {
        let path = directory + "/postbote.db"
        var handle: OpaquePointer?
        defer { sqlite3_close_v2(handle) }
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
            throw Tampering(description: "cannot open \(path)")
        }
        sqlite3_busy_timeout(handle, 10_000)
        guard sqlite3_exec(handle, "PRAGMA foreign_keys = ON;" + sql, nil, nil, nil) == SQLITE_OK else {
            throw Tampering(description: String(cString: sqlite3_errmsg(handle)))
        }
    }
}
