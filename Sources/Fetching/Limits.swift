/// What Fetching allows itself.
enum Limits {
    /// Messages described in one command during a recovery.
    static let describedAtOnce = 500
    /// New messages in a folder that holds no known one any more, from which on their headers are looked at first.
    static let suspiciousArrivals = 20
    /// How often a folder is looked through for what is older than `delete_after`.
    static let deletionInterval = Duration.seconds(86_400)
    /// Folders of one account that are watched.
    static let watchedFolders = 10_000
    /// Times that a server is asked for a message that is to be delivered again.
    static let redeliveryAttempts = 5
    /// Turns in which an order is waited for: one that acts, one that sees that a POP3 server did what it was asked, and
    /// one for a copy in another folder.
    static let orderTurns = 3
    /// FETCH commands that a server refuses one after the other, with no message between them, before the visit is given up.
    static let refusalsInARow = 3
    /// How long a session's list of folders counts.
    static let folderListAge = Duration.seconds(900)
    /// Times a visit is repeated at once because the session ended with its token or a similar, normal cause.
    static let immediateRetries = 2
}
