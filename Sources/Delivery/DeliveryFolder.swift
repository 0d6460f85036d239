import Diagnostics
import MailModel
import Store

/// The folder whose mail is being delivered, and where it goes.
public struct DeliveryFolder: Sendable {
    public var account: AccountName
    /// As status and journal show it.
    public var path: FolderPath
    public var id: FolderID
    public var epoch: Epoch
    /// What is known already, and what that means.
    public var rules: CopyRules
    /// What is done with the server's copies afterwards; `nil`: they are kept as they are.
    public var wish: ServerWish?
    /// Never empty.
    public var destinations: [MaildirDestination]

    public init(
        account: AccountName, path: FolderPath, id: FolderID, epoch: Epoch, rules: CopyRules, wish: ServerWish? = nil,
        destinations: [MaildirDestination]
    ) {
        precondition(!destinations.isEmpty, "a watched folder has a destination")
        self.account = account
        self.path = path
        self.id = id
        self.epoch = epoch
        self.rules = rules
        self.wish = wish
        self.destinations = destinations
    }
}
