/// What arrives while messages are fetched, in the order of the wire: for each message `begin`, any number of `bytes`,
/// `end`; or `missing`, or `gone`. What began and did not end when the next begins is dropped.
public enum MessagePiece: Sendable {
    /// A message begins.
    case begin
    case bytes(ArraySlice<UInt8>)
    /// The message that began is complete.
    case end(MessageAttributes)
    /// The server confirmed the fetch of this UID and sent nothing: not retrieved, which is not the same as deleted.
    case missing(UID)
    /// The message was listed a moment ago and is not there any more.
    case gone(UID)
}

/// What the server says of a message besides its bytes.
public struct MessageAttributes: Hashable, Sendable {
    public var uid: UID
    /// EMAILID, which follows a message across moves (RFC 8474 §5.1).
    public var emailID: String?
    /// X-GM-MSGID.
    public var gmailMessageID: UInt64?

    public init(uid: UID, emailID: String? = nil, gmailMessageID: UInt64? = nil) {
        self.uid = uid
        self.emailID = emailID
        self.gmailMessageID = gmailMessageID
    }
}

/// Where fetched messages go, in slices, as they come: nobody holds a whole message.
public protocol MessageSink: Sendable {
    /// Takes the pieces in order. Returning late is how a slow disk slows the network down.
    func take(_ pieces: [MessagePiece]) async throws
}
