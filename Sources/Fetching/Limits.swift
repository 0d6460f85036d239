/// What Fetching allows itself.
enum Limits {
    /// Messages described in one command during a recovery.
    static let describedAtOnce = 500
    /// Folders of one account that are watched.
    static let watchedFolders = 10_000
    /// Times a visit is repeated at once because the session ended with its token or a similar, normal cause.
    static let immediateRetries = 2
}
