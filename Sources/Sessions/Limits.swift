/// What Sessions allows itself. How long it waits is in `SessionTimeouts`.
enum Limits {
    /// Commands that fetch messages and are under way at once: the server never waits for the next.
    static let pipelinedFetches = 2
    /// Commands that describe or change messages, or look some up, and are under way at once. Exchange hangs up after about
    /// ten that it does not understand.
    static let pipelinedCommands = 4
    /// Descriptions handed over at once.
    static let describedAtOnce = 500
    /// Octets of headers that are held before they are handed over, however few messages they are of.
    static let describedOctets = 256 << 10
    /// Messages that one command changes: each ends in time, and its reply is no long line.
    static let changedAtOnce = 500
    /// Times that other programs may mark messages \Deleted while ours are being removed, before that is given up.
    static let expungeRounds = 3
    /// Folders taken from one LIST.
    static let folders = 50_000
    /// Octets of content read and sent at once.
    static let contentChunk = 64 << 10
}
