/// What happens to the server's copy once the message is delivered everywhere.
public enum AfterFetch: Hashable, Sendable {
    case keep, seen, delete
    case moveToRole(FolderRole)
    case moveToFolder(String)
}
