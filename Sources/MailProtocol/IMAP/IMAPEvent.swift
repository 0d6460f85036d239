/// What the parser found, in the order of the wire. A message's body is never held: it comes in pieces of the chunks
/// that were fed.
///
/// A FETCH response is `fetched` alone, or for each whole message in it `bodyBegan`, any number of `bodyBytes`,
/// `bodyEnded`, and at the end `fetched` with everything else. Nothing comes between those.
public enum IMAPEvent: Sendable, Equatable {
    /// A line beginning with `+`, without that and its line end: a prompt for a literal, IDLE, or a SASL challenge.
    case continuation([UInt8])
    /// A reply to the command with that tag.
    case tagged(IMAPTag, IMAPReply)
    /// Everything beginning with `*` except FETCH.
    case untagged(IMAPResponse)
    /// A whole message begins.
    case bodyBegan(IMAPBody)
    /// The next octets of the message, exactly as the server sent them.
    case bodyBytes(ArraySlice<UInt8>)
    /// All announced octets of the message have come.
    case bodyEnded
    /// A FETCH response is complete. Its UID may only now be known (or be missing, in the flag changes that some
    /// servers send unasked).
    case fetched(IMAPFetch)
    /// A line that is not IMAP, such as Exchange's bare `Server Unavailable. 15`. `IMAPClassifier` knows what it means.
    case garbled(String)
}
