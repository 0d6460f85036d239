import CSQLite
import Diagnostics

/// One connection to the database file. It belongs to one queue; nothing in it is locked.
final class Connection {
    enum Purpose {
        case write, read
    }

    let handle: OpaquePointer
    let path: String
    /// The first storage trouble since it was last taken: what a unit swallowed, the writer still sees.
    private(set) var trouble: SQLiteError?
    private var statements: [String: Statement] = [:]

    /// Before SQLite is used for the first time; refused where another library of the process was faster, which harms
    /// nothing.
    private static let isPrepared = csqlite_forgo_memory_statistics() == SQLITE_OK

    /// Opens `path`, which must exist; an empty file is a new database.
    init(_ path: String, for purpose: Purpose) throws(Failure) {
        _ = Connection.isPrepared
        var handle: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE
        let code = sqlite3_open_v2(path, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
            sqlite3_close_v2(handle)
            throw SQLiteError(code: code, message: message, path: path).failure(operation: "open state")
        }
        self.handle = handle
        self.path = path
        sqlite3_busy_timeout(handle, Int32(Limits.busyTimeout.inMilliseconds))
        limit()
        try execute("PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY;")
        try execute("PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")
        // Negative: in KiB.
        let cache = purpose == .write ? Limits.writerCacheOctets : Limits.readerCacheOctets
        try execute("PRAGMA cache_size = -\(cache >> 10);")
        if purpose == .read { try execute("PRAGMA query_only = ON;") }
    }

    deinit {
        statements.removeAll()
        sqlite3_close_v2(handle)
    }

    /// The prepared form of `sql`, kept for the next time.
    func statement(_ sql: String) throws(Failure) -> Statement {
        if let statement = statements[sql] { return statement }
        let statement = try Statement(sql, on: self)
        // All SQL is literals of this module, so the cache is full only when somebody builds SQL from values.
        precondition(statements.count < Limits.cachedStatements, "more statements than the module has")
        statements[sql] = statement
        return statement
    }

    func run<each Value: ColumnValue>(_ sql: String, _ values: repeat each Value) throws(Failure) {
        try statement(sql).run(repeat each values)
    }

    func first<Result, each Value: ColumnValue>(
        _ sql: String, _ values: repeat each Value, read: (inout Row) throws -> Result
    ) throws -> Result? {
        try statement(sql).first(repeat each values, read: read)
    }

    func all<Result, each Value: ColumnValue>(
        _ sql: String, _ values: repeat each Value, read: (inout Row) throws -> Result
    ) throws -> [Result] {
        try statement(sql).all(repeat each values, read: read)
    }

    /// The one value of the one row of `sql`.
    func value<Value: ColumnValue, each Parameter: ColumnValue>(
        _ sql: String, _ values: repeat each Parameter
    ) throws -> Value {
        guard let value: Value = try first(sql, repeat each values, read: { try $0.next() }) else {
            throw failure(SQLITE_MISMATCH, message: "no row")
        }
        return value
    }

    /// Runs several statements that take no values.
    func execute(_ sql: String) throws(Failure) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        if code != SQLITE_OK { throw failure(code) }
    }

    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }
    /// Rows that the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }
    var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

    /// The failure for `code`, remembered as trouble when it is one of storage.
    func failure(_ code: Int32, message: String? = nil) -> Failure {
        let error = SQLiteError(code: code, message: message ?? String(cString: sqlite3_errmsg(handle)), path: path)
        if error.isStorageTrouble, trouble == nil { trouble = error }
        return error.failure(operation: "state")
    }

    var hasTrouble: Bool { trouble != nil }

    func takeTrouble() -> SQLiteError? {
        defer { trouble = nil }
        return trouble
    }

    private func limit() {
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(Limits.valueOctets))
        sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, Int32(Limits.statementOctets))
        sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
        sqlite3_limit(handle, SQLITE_LIMIT_TRIGGER_DEPTH, 8)
    }
}
