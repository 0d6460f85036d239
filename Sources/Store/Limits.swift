/// What Store allows itself.
enum Limits {
    // MARK: Writer and readers

    /// Units waiting for the writer. Each is a suspended caller, so this is reached only when the disk stands still.
    static let waitingUnits = 16_384
    /// Units that share one commit.
    static let unitsPerCommit = 256
    /// A commit takes no further units after this long, so that the first of them does not wait for ever.
    static let commitWindow = Duration.milliseconds(100)
    /// Connections that read, each on its own queue.
    static let readers = 2
    /// Reads waiting for one reader.
    static let waitingReads = 4096
    /// How often a store in trouble tries by itself whether a commit succeeds again.
    static let recoveryInterval = Duration.seconds(5)

    // MARK: SQLite

    /// Waiting for a lock that another program, such as the sqlite3 shell, holds.
    static let busyTimeout = Duration.seconds(5)
    /// Octets of one text or blob. The largest we write is a queue body in a row.
    static let valueOctets = 1 << 20
    static let statementOctets = 64 << 10
    /// Page cache: of the writer, and of each reader.
    static let writerCacheOctets = 3 << 20
    static let readerCacheOctets = 1 << 20
    /// Pages after which a commit moves the write-ahead log into the database, 16 MB.
    static let checkpointPages = 4000
    /// What the log is cut back to after a checkpoint.
    static let logOctets = 64 << 20
    /// Prepared statements that one connection keeps.
    static let cachedStatements = 256

    // MARK: Rows

    /// Rows that one call of a paged list returns at most.
    static let page = 1000
    /// Rows of the ledger that one read looks through: some hundredths of a second, while other reads wait.
    static let rowsLookedThrough: Int64 = 20_000
    /// Rows of which one read returns the identities.
    static let identitiesRead = 2000
    /// Open messages of one folder that recovery is handed at once.
    static let stagedPage = 1000
    /// Octets of a server's or provider's own words that are kept: replies, last errors, reasons.
    static let wordsOctets = 2048
    /// Octets of names that servers give: folders, unique-ids (RFC 1939 allows 70), EMAILIDs (RFC 8474: 255).
    static let nameOctets = 4096

    // MARK: Links

    /// Links of one credential that are remembered, the present one included.
    static let linksOfOneCredential = 20
    /// Somebody else signed in with a link so often: it ends.
    static let strangersOfOneLink = 10
    /// How long it is remembered what became of a link, after it expired.
    static let linkMemory = Duration.seconds(30 * 86_400)

    // MARK: Queue

    /// Bodies up to here are rows, larger ones files.
    static let bodyRowOctets = 64 << 10
    /// One chunk of a body file.
    static let bodyChunkOctets = 64 << 10
    /// Body files being written or read at the same time.
    static let openBodies = 256
    /// Serial queues on which body files are written, synced and read.
    static let spoolQueues = 2
    static let recipientsPerMessage = 10_000
    static let idempotencyKeyOctets = 255
    /// Octets of one address (RFC 5321 §4.5.3.1.3: 256 for a path; SMTPUTF8 and source routes left some room).
    static let addressOctets = 1024
    static let priorities = -9...9
    /// Attempts of one message that are shown; all are kept.
    static let attemptsShown = 200
    /// Tries to find an unused queue id; one in eight million is taken within the same millisecond.
    static let queueIDTries = 8

    // MARK: Keys

    /// A file that should hold a master key: 32 octets, or 64 digits, or base64, and a line end.
    static let keyFileOctets = 128
}
