import Diagnostics

/// One folder of an account, on the server and in the ledger.
public struct FolderStatus: Codable, Hashable, Sendable {
    public var name: String
    /// One of the words of `FolderRole`.
    public var role: String?
    /// Whether it is fetched.
    public var watched: Bool
    /// Messages on the server at the last look.
    public var messages: Int?
    /// Messages fetched from it so far.
    public var fetched: Int
    /// Known messages that were found again after a move; of them nothing was fetched.
    public var recognised: Int
    /// Revised versions of known messages, and messages that another folder's delivery stands for: not delivered again.
    public var revised: Int
    public var duplicates: Int
    /// Delivered although they may have been delivered before.
    public var doubtful: Int
    public var uidValidity: UInt32?
    /// Every UID below is accounted for.
    public var cursor: UInt32?
    public var lastLook: Timestamp?

    enum CodingKeys: String, CodingKey {
        case name, role, watched, messages, fetched, recognised, revised, duplicates, doubtful
        case uidValidity = "uid_validity"
        case cursor
        case lastLook = "last_look"
    }

    public init(
        name: String, role: String? = nil, watched: Bool, messages: Int? = nil, fetched: Int = 0,
        recognised: Int = 0, revised: Int = 0, duplicates: Int = 0, doubtful: Int = 0, uidValidity: UInt32? = nil,
        cursor: UInt32? = nil, lastLook: Timestamp? = nil
    ) {
        self.name = name
        self.role = role
        self.watched = watched
        self.messages = messages
        self.fetched = fetched
        self.recognised = recognised
        self.revised = revised
        self.duplicates = duplicates
        self.doubtful = doubtful
        self.uidValidity = uidValidity
        self.cursor = cursor
        self.lastLook = lastLook
    }
}
