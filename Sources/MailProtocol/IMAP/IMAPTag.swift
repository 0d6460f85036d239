/// The name that joins a command and its reply: `pb` and a number that grows through the connection.
///
/// No other client on this connection uses that shape. libcurl, which opens it, has `A001`: a piece of its last reply
/// cannot be taken for a reply to us.
public struct IMAPTag: Hashable, Sendable, CustomStringConvertible {
    public let number: UInt32

    public init(_ number: UInt32) { self.number = number }

    public var description: String { "pb\(number)" }

    /// The tag after this one. After four billion commands they begin anew; none of the old ones is still in flight.
    public var next: IMAPTag { IMAPTag(number &+ 1) }

    /// `nil` for a tag that is not ours.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count > 2, bytes.starts(with: IMAPTag.prefix), let number = UInt32(bytes.dropFirst(2).text) else {
            return nil
        }
        self.number = number
    }

    private static let prefix = Array("pb".utf8)
}
