import Diagnostics

/// What `POP3Session` found and what it asks of the code that owns the connection, in this order.
///
/// Each command ends with one `done` or `refused`, in the order the commands were given.
public enum POP3Action: Sendable, Equatable {
    case send(ClientLine)
    /// The sign-in is done.
    case signedIn
    /// The sign-in was refused. Another mechanism may be tried on the same connection.
    case signInFailed(Failure)
    /// The reply to CAPA.
    case capabilities(POP3Capabilities)
    /// The reply to STAT.
    case mailbox(messages: Int, octets: Int64)
    /// Some lines of the reply to LIST. Sizes are estimates with many servers.
    case sizes([POP3Listing<Int64>])
    /// Some lines of the reply to UIDL.
    case uniqueIDs([POP3Listing<POP3UniqueID>])
    /// The next piece of the message that RETR or TOP asked for, with CRLF line ends as it came.
    case content([UInt8])
    case done(POP3Command)
    case refused(POP3Command, Failure)
    /// Close the connection; the failure says why, `nil`: all is well.
    case close(Failure?)
}

/// What a list says of one message.
public struct POP3Listing<Value: Hashable & Sendable>: Hashable, Sendable {
    public var number: POP3MessageNumber
    public var value: Value

    public init(number: POP3MessageNumber, value: Value) {
        self.number = number
        self.value = value
    }
}
