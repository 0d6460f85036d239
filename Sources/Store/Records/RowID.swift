/// The number of a row. It stays for the row's life and means nothing elsewhere.
public struct RowID<Subject>: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64

    public init(_ rawValue: Int64) { self.rawValue = rawValue }

    public var description: String { String(rawValue) }
    public static func < (left: RowID, right: RowID) -> Bool { left.rawValue < right.rawValue }
}

extension RowID: ColumnConvertible {
    var stored: Int64 { rawValue }
    init?(stored: Int64) { self.init(stored) }
}

public typealias AccountID = RowID<StoredAccount>
public typealias FolderID = RowID<StoredFolder>
/// A message in the ledger: it keeps its number when it gets another UID or moves to another folder.
public typealias LedgerID = RowID<LedgerRow>
