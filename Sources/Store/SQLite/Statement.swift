import CSQLite
import Diagnostics

/// A prepared statement: bound, run, reset. It belongs to the queue of its connection.
///
/// Between two runs it is reset and holds no values, so a cached statement never keeps a read transaction open.
final class Statement {
    private let handle: OpaquePointer
    private unowned let connection: Connection

    init(_ sql: String, on connection: Connection) throws(Failure) {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(
            connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw connection.failure(code) }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs a statement that returns no rows.
    func run<each Value: ColumnValue>(_ values: repeat each Value) throws(Failure) {
        defer { reset() }
        try bind(repeat each values)
        while try step() {}
    }

    /// Hands every row to `body`, which reads the columns from left to right.
    func forEach<each Value: ColumnValue>(
        _ values: repeat each Value, body: (inout Row) throws -> Void
    ) throws {
        defer { reset() }
        try bind(repeat each values)
        while try step() {
            var row = Row(statement: handle, connection: connection)
            try body(&row)
        }
    }

    func all<Result, each Value: ColumnValue>(
        _ values: repeat each Value, read: (inout Row) throws -> Result
    ) throws -> [Result] {
        var results: [Result] = []
        try forEach(repeat each values) { row in results.append(try read(&row)) }
        return results
    }

    /// The first row, or `nil` when there is none.
    func first<Result, each Value: ColumnValue>(
        _ values: repeat each Value, read: (inout Row) throws -> Result
    ) throws -> Result? {
        defer { reset() }
        try bind(repeat each values)
        guard try step() else { return nil }
        var row = Row(statement: handle, connection: connection)
        return try read(&row)
    }

    private func bind<each Value: ColumnValue>(_ values: repeat each Value) throws(Failure) {
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            let code = value.bind(to: handle, at: index)
            if code != SQLITE_OK { throw connection.failure(code) }
        }
        precondition(index == sqlite3_bind_parameter_count(handle), "a value for each parameter")
    }

    /// `true` when there is a row.
    private func step() throws(Failure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw connection.failure(code)
        }
    }

    private func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }
}
