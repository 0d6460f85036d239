import Diagnostics

/// What `SMTPSession` asks of the code that owns the connection, to be done in the order given.
public enum SMTPAction: Sendable, Equatable {
    case send(ClientLine)
    /// The sign-in is done; messages can be submitted.
    case signedIn
    /// The sign-in was refused. Another mechanism may be tried on the same connection.
    case signInFailed(Failure)
    /// Send the message's content through a `DotStuffer`, finished but without the final dot, then call
    /// `contentSent()`.
    case sendContent
    /// Commit durably that the final dot is about to be sent, then call `markerCommitted()`. Only between that commit
    /// and the reply can a message be in doubt.
    case commitMarker
    /// Send these octets, the final dot. From here on the message may have been accepted.
    case sendFinalDot(ClientLine)
    /// The message is done with; another one can be submitted unless `close` follows.
    case finished(SMTPResult)
    /// What the server said of a sender it was asked about: why it does not take mail from there; `nil`: it does.
    case senderChecked(Failure?)
    /// Close the connection; the failure says why, `nil`: all is well.
    case close(Failure?)

    /// Whether it can be done without a connection.
    var isResult: Bool {
        switch self {
        case .signInFailed, .finished, .senderChecked, .close: true
        case .send, .signedIn, .sendContent, .commitMarker, .sendFinalDot: false
        }
    }
}
