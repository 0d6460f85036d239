/// How much configuration is read; what is larger is a mistake or an attack.
enum Limits {
    /// Octets of one file. 5,000 accounts of 20 lines are 3 MB.
    static let fileSize = 8 << 20
    /// Octets of all files together.
    static let totalSize = 32 << 20
    /// Files in `accounts.d`.
    static let accountFiles = 20_000
    /// Characters that may separate two YAML nodes, in one file: an upper bound of its nodes, and so of its memory.
    static let separators = 1_000_000
    /// Tokens that look like a YAML alias. More are refused unread: aliases of aliases used as keys cost exponential time.
    static let aliasTokens = 20
    /// Lists and maps within each other; the schema needs seven.
    static let depth = 24
    /// Keys written twice that are found in one file before reading it is given up.
    static let duplicateKeys = 20
    /// Errors that are kept; the rest is counted.
    static let errors = 1_000
    /// Errors for which a nearest spelling is looked for.
    static let suggestions = 100
    /// Characters of a name for which a nearest spelling is looked for.
    static let spelling = 64
    /// Characters of a value that an error repeats.
    static let quotedValue = 60

    /// Providers and destinations that a listing of the settings shows.
    static let listedSections = 50
    /// Words of one list in it.
    static let listedWords = 50

    /// Octets of a secret: a private key or the key file of a service account fits.
    static let secretSize = 64 << 10
    /// How long a command may take to print a secret.
    static let secretCommand = Duration.seconds(30)
    /// Secrets that are read at the same time; one that hangs holds up one lane.
    static let secretLanes = 4
}
