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
}
