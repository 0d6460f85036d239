/// The folders of one account.
public struct FolderList: Codable, Hashable, Sendable {
    public var account: String
    public var folders: [FolderStatus]

    public init(account: String, folders: [FolderStatus]) {
        self.account = account
        self.folders = folders
    }
}
