import MailProtocol

/// How long a mail server may be silent before its connection counts as lost.
public struct SessionTimeouts: Hashable, Sendable {
    /// From the name lookup to the server's capabilities. Exchange proxies the first access of a session for seconds.
    public var connect = Duration.seconds(60)
    /// From the capabilities to the end of the sign-in, however many replies that takes.
    public var signIn = Duration.seconds(180)
    /// For the next octets of a reply, however long the reply.
    public var reply = Duration.seconds(120)
    /// For the next octets of a message.
    public var stream = Duration.seconds(180)
    /// For the server to accept what is sent.
    public var write = Duration.seconds(120)
    /// For the good-bye.
    public var logout = Duration.seconds(3)
    /// For the replies of a submission server, each in its place (RFC 5321 §4.5.3.2).
    public var submission = SMTPTimeouts()

    public init() {}
}
