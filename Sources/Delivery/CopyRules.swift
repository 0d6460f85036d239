import MailModel
import Store

/// Where a message's known copies are looked for, and what they mean.
public struct CopyRules: Sendable {
    public var account: AccountID
    /// The folder in which messages are found.
    public var folder: FolderID
    public var overlap: ReceiveSettings.Overlap
    /// Folders of the account that the server has no more: their messages may be in this one now.
    public var former: Set<FolderID>
    /// Of all folders of the account that have one.
    public var roles: [FolderID: FolderRole]

    public init(
        account: AccountID, folder: FolderID, overlap: ReceiveSettings.Overlap, former: Set<FolderID> = [],
        roles: [FolderID: FolderRole] = [:]
    ) {
        self.account = account
        self.folder = folder
        self.overlap = overlap
        self.former = former
        self.roles = roles
    }
}
