import CSQLite
import Diagnostics

/// The row a statement stands on, read from left to right.
struct Row {
    private let statement: OpaquePointer
    private let connection: Connection
    private var column: Int32 = 0

    init(statement: OpaquePointer, connection: Connection) {
        self.statement = statement
        self.connection = connection
    }

    /// The next column. A value that cannot be what its column is for means that somebody else wrote to the file.
    mutating func next<Value: ColumnValue>(_ type: Value.Type = Value.self) throws(Failure) -> Value {
        defer { column += 1 }
        guard let value = Value.read(from: statement, at: column) else {
            let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? "?"
            throw connection.failure(SQLITE_MISMATCH, message: "column \(name) holds no \(Value.self)")
        }
        return value
    }

    /// The octets of the next column, of which no copy is made: valid within `body`. `nil` where it holds no blob.
    mutating func withBytes<Result>(_ body: (UnsafeRawBufferPointer?) -> Result) -> Result {
        defer { column += 1 }
        guard sqlite3_column_type(statement, column) == SQLITE_BLOB,
            let bytes = sqlite3_column_blob(statement, column)
        else { return body(nil) }
        return body(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, column))))
    }
}
