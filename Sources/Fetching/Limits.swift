/// What Fetching allows itself.
enum Limits {
    /// Messages described in one command during a recovery.
    static let describedAtOnce = 500
    /// Folders of one account that are watched.
    static let watchedFolders = 10_000
    /// FETCH commands that a server refuses one after the other, with no message between them, before the visit is given up.
    static let refusalsInARow = 3
    /// How long a session's list of folders counts.
    static let folderListAge = Duration.seconds(900)
    /// Times a visit is repeated at once because the session ended with its token or a similar, normal cause.
    static let immediateRetries = 2
}
