/// What Fetching allows itself.
enum Limits {
    /// Messages described in one command during a recovery.
    static let describedAtOnce = 500
    /// Batches of recognised messages that wait for the disk at once.
    static let batchesWritten = 2
    /// Known messages whose identities all recoveries hold in memory together, some 11 octets each; where that is not enough
    /// for a folder, the ledger is asked for every message.
    static let identitiesHeld = 300_000
    /// Identities that are read, one behind the other, in the time in which the ledger finds one.
    static let rowsReadLikeOneLookup = 8
    /// Folders that are asked to find one that was renamed while another one took its name; with more nobody looks.
    static let renameCandidates = 16
    /// Known messages whose headers are compared where the usual ones are gone.
    static let anchors = 12
    /// New messages in a folder that holds no known one any more, from which on their headers are looked at first.
    static let suspiciousArrivals = 20
    /// Messages that a visit fetches by itself; where there are more, what arrived before waits behind new mail.
    static let fetchedAtOnce = 1000
    /// Waiting messages that are asked for together: at first, at the most, and how much faster it may grow from one time to
    /// the next.
    static let firstSlice = 50
    static let largestSlice = 5000
    static let sliceGrowth = 4
    /// How long a slice may take: as long new mail may have to wait for it.
    static let sliceDuration = Duration.seconds(5)
    /// Waiting messages of a folder from which on a second connection is worth its sign-in.
    static let secondSessionFrom = 1500
    /// How long no second connection is opened after one that failed.
    static let secondSessionRest = Duration.seconds(900)
    /// Slices into which what waits is divided for each connection, so that none is left with the last one alone for long.
    static let slicesForEach = 2
    /// Further than this from a date, a search by days of any zone is right, also one that asks for a day more.
    static let searchGranularity = Duration.seconds(3 * 86_400)
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
    /// Differences that an audit tells the journal of, in each folder, and that it lists.
    static let differencesLogged = 100
    static let differencesShown = 200
}
