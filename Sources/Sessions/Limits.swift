/// What Sessions allows itself. How long it waits is in `SessionTimeouts`.
enum Limits {
    /// Commands that fetch messages and are under way at once: the server never waits for the next.
    static let pipelinedFetches = 2
    /// Anchors and other small sets.
    static let describedAtOnce = 500
    /// Folders taken from one LIST.
    static let folders = 50_000
    /// Octets of content read and sent at once.
    static let contentChunk = 64 << 10
}
