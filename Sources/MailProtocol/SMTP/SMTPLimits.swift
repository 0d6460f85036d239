/// What a server may send, and how much is sent to it at once.
public enum SMTPLimits {
    /// Octets of a reply line, with its line end. RFC 5321 §4.5.3.1.5 says 512 and servers exceed it; a SASL
    /// challenge has up to 12,288 (RFC 4954 §4).
    static let replyLine = 16 * 1024
    /// Lines of one reply.
    static let replyLines = 200
    /// Replies that arrive in one piece.
    static let repliesAtOnce = 1000
    /// Characters kept of a reply for people to read.
    static let serverLine = 1000
    /// Octets of a command line, with its line end (RFC 5321 §4.5.3.1.4).
    static let commandLine = 512
    /// Octets of a message's header at intake, which is held in memory.
    static let header = 1024 * 1024
    /// Header fields of a message at intake.
    static let headerFields = 10_000
    /// Recipients of a message at intake.
    public static let recipients = 10_000
    /// Commands on their way without a reply, where the server has PIPELINING. Together well below any socket's
    /// buffer.
    static let commandsAtOnce = 50
}

/// How long each step may take before the connection counts as lost (RFC 5321 §4.5.3.2).
public struct SMTPTimeouts: Hashable, Sendable {
    public var signIn = Duration.seconds(2 * 60)
    public var mail = Duration.seconds(5 * 60)
    public var recipient = Duration.seconds(5 * 60)
    public var data = Duration.seconds(2 * 60)
    /// For each piece of content to be taken by the network.
    public var contentBlock = Duration.seconds(3 * 60)
    /// For the reply to the final dot. A short one makes duplicates.
    public var finalDot = Duration.seconds(10 * 60)
    public var reset = Duration.seconds(60)
    public var quit = Duration.seconds(10)

    public init() {}
}
