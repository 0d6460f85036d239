/// A time during which a UID of a folder named one message.
///
/// It ends with a new UIDVALIDITY, and also when a server starts its UIDs again under the old one, so UIDVALIDITY alone
/// does not tell two of them apart.
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64

    public var description: String { String(rawValue) }
    public static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }
}

extension Epoch: ColumnConvertible {
    var stored: Int64 { rawValue }
    init?(stored: Int64) { self.init(rawValue: stored) }
}
