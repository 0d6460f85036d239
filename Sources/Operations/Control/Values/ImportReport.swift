/// What was learned from the files of a Maildir.
public struct ImportReport: Codable, Hashable, Sendable {
    public struct Folder: Codable, Hashable, Sendable {
        /// The folder that the mail is known to be of.
        public var name: String
        /// Its directory.
        public var path: String
        public var files: Int
        /// Known from now on.
        public var learned: Int
        /// Known before.
        public var known: Int
        public var unreadable: Int

        public init(name: String, path: String, files: Int, learned: Int, known: Int, unreadable: Int) {
            self.name = name
            self.path = path
            self.files = files
            self.learned = learned
            self.known = known
            self.unreadable = unreadable
        }
    }

    public var account: String
    /// Nothing was changed.
    public var dryRun: Bool
    public var folders: [Folder]
    /// The first of the files that could not be read, and how many there are in all.
    public var errors: [ErrorReport]
    public var unreadable: Int

    enum CodingKeys: String, CodingKey {
        case account
        case dryRun = "dry_run"
        case folders, errors, unreadable
    }

    public init(account: String, dryRun: Bool, folders: [Folder], errors: [ErrorReport], unreadable: Int) {
        self.account = account
        self.dryRun = dryRun
        self.folders = folders
        self.errors = errors
        self.unreadable = unreadable
    }
}
