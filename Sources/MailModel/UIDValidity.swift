/// The number that makes a folder's UIDs meaningful: UIDs of another UIDVALIDITY name other messages (RFC 3501 §2.3.1.1).
public struct UIDValidity: Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32

    public init(_ rawValue: UInt32) { self.rawValue = rawValue }

    public var description: String { String(rawValue) }
}
