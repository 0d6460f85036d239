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
    public var uidValidity: UInt32?
    /// Every UID below is accounted for.
    public var cursor: UInt32?
    public var lastLook: Timestamp?

    enum CodingKeys: String, CodingKey {
        case name, role, watched, messages, fetched
        case uidValidity = "uid_validity"
        case cursor
        case lastLook = "last_look"
    }

    public init(
        name: String, role: String? = nil, watched: Bool, messages: Int? = nil, fetched: Int = 0,
        uidValidity: UInt32? = nil, cursor: UInt32? = nil, lastLook: Timestamp? = nil
    ) {
        self.name = name
        self.role = role
        self.watched = watched
        self.messages = messages
        self.fetched = fetched
        self.uidValidity = uidValidity
        self.cursor = cursor
        self.lastLook = lastLook
    }
}
