/// What was being done when the server refused. The raw value is what an operator reads.
public enum IMAPOperation: String, Sendable, CaseIterable {
    case connect
    case signIn = "sign in"
    case list = "LIST"
    case select = "SELECT"
    case status = "STATUS"
    case search = "UID SEARCH"
    case fetch = "UID FETCH"
    case store = "UID STORE"
    case copy = "UID COPY"
    case move = "UID MOVE"
    case expunge = "UID EXPUNGE"
    /// Of a whole folder.
    case expungeDeleted = "EXPUNGE"
    case idle = "IDLE"
    /// NOOP, ID, ENABLE and the like.
    case other = "IMAP command"

    /// Whether the operation is about the folder that is named in it or selected.
    var isOfFolder: Bool {
        switch self {
        case .connect, .signIn, .list, .idle, .other: false
        case .select, .status, .search, .fetch, .store, .copy, .move, .expunge, .expungeDeleted: true
        }
    }

    /// Whether it adds messages to a folder.
    var addsMessages: Bool { self == .copy || self == .move }
}
