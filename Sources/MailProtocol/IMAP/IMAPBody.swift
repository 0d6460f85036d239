import MailModel

/// A whole message that is about to come: `BODY[]`, part of it, or `RFC822`.
public struct IMAPBody: Hashable, Sendable {
    public var sequenceNumber: UInt32
    /// Where the server sent it before the message; else `IMAPEvent.fetched` has it.
    public var uid: UID?
    /// Octets that will come. Exact, unlike RFC822.SIZE.
    public var octets: Int
    /// Where in the message the octets begin: not `nil` in answers to a partial fetch (RFC 3501 §6.4.5).
    public var origin: UInt32?

    public init(sequenceNumber: UInt32, uid: UID? = nil, octets: Int, origin: UInt32? = nil) {
        self.sequenceNumber = sequenceNumber
        self.uid = uid
        self.octets = octets
        self.origin = origin
    }
}
