/// What Delivery allows itself.
enum Limits {
    /// Messages that share one sync and two commits, at the least, while more are coming.
    static let batchMessages = 200
    /// Messages of one batch at the most, reached while the batch before it is still being committed.
    static let largestBatchMessages = 500
    /// Octets after which a batch is sealed, whatever its number of messages.
    static let batchOctets: Int64 = 32 << 20
    /// From this many files on, one `syncfs` is cheaper than one `fsync` each (0.25 ms each, measured).
    static let filesPerFileSystemSync = 8
    /// Octets of one file that are on their way to the disk before it is whole.
    static let writebackOctets: Int64 = 1 << 20
    /// Files below this many octets reach the disk together, with the sync of their batch.
    static let smallFileOctets: Int64 = 64 << 10
    /// Messages whose lines are given to the log together.
    static let messagesLoggedAtOnce = 100
    /// Octets of a folder's name in a path; what is longer is cut and told apart by a hash.
    static let folderNameOctets = 120
    /// Octets of the names of all levels together: with the dot before them what Linux's file systems take (NAME_MAX).
    static let joinedNameOctets = 254
    /// Files that an import writes down in one commit.
    static let importedAtOnce = 200
    /// Times that an import goes through a directory: readers rename files under way.
    static let importPasses = 4
    /// Files that could not be read and are named.
    static let unreadableFilesNamed = 100
    /// Octets of a file that are read at once.
    static let readOctets = 64 << 10
}
