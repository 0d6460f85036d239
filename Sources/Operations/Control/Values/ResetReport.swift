/// What a reset will find, or that it was done.
public struct ResetReport: Codable, Hashable, Sendable {
    public struct Folder: Codable, Hashable, Sendable {
        public var name: String
        /// Messages that would be known, fetched as new, and fetched because only their content tells them from known ones;
        /// `nil` when the reset was done.
        public var known: Int?
        public var new: Int?
        public var doubtful: Int?

        public init(name: String, known: Int? = nil, new: Int? = nil, doubtful: Int? = nil) {
            self.name = name
            self.known = known
            self.new = new
            self.doubtful = doubtful
        }
    }

    /// Nothing was changed.
    public var dryRun: Bool
    public var folders: [Folder]

    enum CodingKeys: String, CodingKey {
        case dryRun = "dry_run"
        case folders
    }

    public init(dryRun: Bool, folders: [Folder]) {
        self.dryRun = dryRun
        self.folders = folders
    }
}
