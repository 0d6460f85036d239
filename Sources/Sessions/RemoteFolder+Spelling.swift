import MailModel
import MailProtocol

extension RemoteFolder {
    /// A folder as it was when it was last seen, by the server's spelling of its name. Whether it is subscribed is not
    /// remembered: it counts as that.
    public init(spelling serverName: String, role: FolderRole?, delimiter: String?) {
        let name = IMAPMailboxName(spelling: serverName).text
        self.init(
            serverName: serverName, path: FolderPath(name, delimiter: delimiter?.first), role: role,
            isSubscribed: true, delimiter: delimiter)
    }
}
