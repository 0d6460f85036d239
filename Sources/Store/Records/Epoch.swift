/// A time during which a UID of a folder named one message.
///
/// It ends with a new UIDVALIDITY, and also when a server starts its UIDs again under the old one, so UIDVALIDITY alone
/// does not tell two of them apart.
public struct Epoch: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int64

    /// No visit ever: known from elsewhere, such as a Maildir that was imported. Looked for like any earlier epoch's.
    public static let imported = Epoch(rawValue: -1)
    /// Known, and one of several that headers cannot tell apart: only the content says which it is. Their rows leave it
    /// when they are found, and with the next epoch.
    public static let indistinct = Epoch(rawValue: -2)

    /// Known, and delivered once more because nothing told whether a present message was this one: that delivery's row
    /// counts in its place. Only by its very content it is still known again. Sorted last, because these may be many.
    public static let superseded = Epoch(rawValue: .max)

    /// The one that begins when this one ends.
    public var next: Epoch { Epoch(rawValue: rawValue + 1) }

    public var description: String { String(rawValue) }
    public static func < (left: Epoch, right: Epoch) -> Bool { left.rawValue < right.rawValue }
}

extension Epoch: ColumnConvertible {
    var stored: Int64 { rawValue }
    init?(stored: Int64) { self.init(rawValue: stored) }
}
