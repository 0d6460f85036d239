import CSQLite
import Diagnostics

#if canImport(Glibc)
    import Glibc
#endif

/// How large the database is, and by which rules it is written.
public struct StoreSize: Hashable, Sendable {
    /// Of the file, and of the write-ahead log beside it.
    public var octets: Int64
    public var logOctets: Int64
}

extension Store {
    /// The library's, as it is loaded.
    public static var libraryVersion: String { String(cString: sqlite3_libversion()) }

    public var size: StoreSize {
        StoreSize(octets: Store.octets(of: databasePath), logOctets: Store.octets(of: databasePath + "-wal"))
    }

    private static func octets(of path: String) -> Int64 {
        var information = stat()
        return stat(path, &information) == 0 ? Int64(information.st_size) : 0
    }
}

extension ReadTransaction {
    /// The version of the tables (`user_version`).
    public func schemaVersion() throws -> Int64 { try connection.value("PRAGMA user_version") }
}
