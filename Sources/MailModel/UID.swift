/// A message's unique identifier within one folder and one UIDVALIDITY: never 0, strictly ascending (RFC 3501 §2.3.1.1).
public struct UID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    /// `nil` for 0, which is not a UID.
    public init?(_ rawValue: UInt32) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    public static let min = UID(1)!
    public static let max = UID(UInt32.max)!

    public var description: String { String(rawValue) }
    public static func < (left: UID, right: UID) -> Bool { left.rawValue < right.rawValue }
}
