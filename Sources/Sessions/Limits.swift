/// What Sessions allows itself.
enum Limits {
    /// From the name lookup to the server's capabilities. Exchange proxies the first access of a session for seconds.
    static let connect = Duration.seconds(60)
    /// For the next octets of a reply, however long the reply.
    static let reply = Duration.seconds(120)
    /// For the next octets of a message.
    static let stream = Duration.seconds(180)
    /// For the server to accept what is sent.
    static let write = Duration.seconds(120)
    /// For the good-bye.
    static let logout = Duration.seconds(3)
    /// Commands that fetch messages and are under way at once: the server never waits for the next.
    static let pipelinedFetches = 2
    /// Anchors and other small sets.
    static let describedAtOnce = 500
    /// Folders taken from one LIST.
    static let folders = 50_000
    /// Octets of content read and sent at once.
    static let contentChunk = 64 << 10
}
