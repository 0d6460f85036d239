import CSQLite
import Diagnostics
import MailModel

/// What can stand in a column: bound to a parameter and read back without loss.
protocol ColumnValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32
    /// `nil` when the column holds something else.
    static func read(from statement: OpaquePointer, at column: Int32) -> Self?
}

/// SQLite copies the bytes before the call returns.
private let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Int64: ColumnValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(statement, index, self) }

    static func read(from statement: OpaquePointer, at column: Int32) -> Int64? {
        guard sqlite3_column_type(statement, column) == SQLITE_INTEGER else { return nil }
        return sqlite3_column_int64(statement, column)
    }
}

extension String: ColumnValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        var copy = self
        return copy.withUTF8 { bytes in
            // An empty buffer has no address, which would bind NULL.
            guard let base = bytes.baseAddress else { return sqlite3_bind_text(statement, index, "", 0, nil) }
            return base.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                sqlite3_bind_text(statement, index, $0, Int32(bytes.count), transient)
            }
        }
    }

    static func read(from statement: OpaquePointer, at column: Int32) -> String? {
        guard sqlite3_column_type(statement, column) == SQLITE_TEXT else { return nil }
        guard let text = sqlite3_column_text(statement, column) else { return nil }
        // The count, because a text may hold a NUL.
        let count = Int(sqlite3_column_bytes(statement, column))
        return String(decoding: UnsafeBufferPointer(start: text, count: count), as: UTF8.self)
    }
}

extension [UInt8]: ColumnValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, !bytes.isEmpty else {
                return sqlite3_bind_zeroblob(statement, index, 0)
            }
            return sqlite3_bind_blob(statement, index, base, Int32(bytes.count), transient)
        }
    }

    static func read(from statement: OpaquePointer, at column: Int32) -> [UInt8]? {
        guard sqlite3_column_type(statement, column) == SQLITE_BLOB else { return nil }
        let count = Int(sqlite3_column_bytes(statement, column))
        guard count > 0, let bytes = sqlite3_column_blob(statement, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }
}

extension Optional: ColumnValue where Wrapped: ColumnValue {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 {
        self?.bind(to: statement, at: index) ?? sqlite3_bind_null(statement, index)
    }

    static func read(from statement: OpaquePointer, at column: Int32) -> Wrapped?? {
        if sqlite3_column_type(statement, column) == SQLITE_NULL { return .some(nil) }
        return Wrapped.read(from: statement, at: column).map { .some($0) }
    }
}

// MARK: Types that are one of the above underneath

/// A value that is kept as another one.
protocol ColumnConvertible: ColumnValue {
    associatedtype Stored: ColumnValue
    var stored: Stored { get }
    init?(stored: Stored)
}

extension ColumnConvertible {
    func bind(to statement: OpaquePointer, at index: Int32) -> Int32 { stored.bind(to: statement, at: index) }

    static func read(from statement: OpaquePointer, at column: Int32) -> Self? {
        Stored.read(from: statement, at: column).flatMap { Self(stored: $0) }
    }
}

/// An enumeration that is kept as its word.
protocol ColumnWord: ColumnConvertible, RawRepresentable<String> {}

extension ColumnWord {
    var stored: String { rawValue }
    init?(stored: String) { self.init(rawValue: stored) }
}

extension Int: ColumnConvertible {
    var stored: Int64 { Int64(self) }
    init?(stored: Int64) { self.init(exactly: stored) }
}

extension Bool: ColumnConvertible {
    var stored: Int64 { self ? 1 : 0 }
    init?(stored: Int64) { self = stored != 0 }
}

extension Timestamp: ColumnConvertible {
    var stored: Int64 { milliseconds }
    init?(stored: Int64) { self.init(milliseconds: stored) }
}

extension Duration: ColumnConvertible {
    var stored: Int64 { inMilliseconds }
    init?(stored: Int64) { self = .milliseconds(stored) }
}

extension UID: ColumnConvertible {
    var stored: Int64 { Int64(rawValue) }
    init?(stored: Int64) {
        guard let number = UInt32(exactly: stored) else { return nil }
        self.init(number)
    }
}

extension UIDValidity: ColumnConvertible {
    var stored: Int64 { Int64(rawValue) }
    init?(stored: Int64) {
        guard let number = UInt32(exactly: stored) else { return nil }
        self.init(number)
    }
}

extension DeliveryKey: ColumnConvertible {
    var stored: [UInt8] { bytes }
    init?(stored: [UInt8]) { self.init(bytes: stored) }
}

extension Name: ColumnConvertible {
    var stored: String { text }
    init?(stored: String) { self.init(stored) }
}

extension FolderRole: ColumnWord {}
extension Provider.Grant: ColumnWord {}

extension IdentityKey: ColumnConvertible {
    var stored: [UInt8] { bytes }
    init?(stored: [UInt8]) { self.init(bytes: stored) }
}

extension ContentHash: ColumnConvertible {
    var stored: [UInt8] { bytes }
    init?(stored: [UInt8]) { self.init(bytes: stored) }
}

extension QueueID: ColumnConvertible {
    var stored: String { description }
    init?(stored: String) { self.init(stored) }
}

extension QueueState: ColumnWord {}
extension RecipientState: ColumnWord {}
