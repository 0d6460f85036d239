/// A message's number, valid in one session only (RFC 1939 §4).
public struct POP3MessageNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    public let rawValue: Int

    /// `nil` below 1.
    public init?(_ rawValue: Int) {
        guard rawValue >= 1 else { return nil }
        self.rawValue = rawValue
    }

    public var description: String { String(rawValue) }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
