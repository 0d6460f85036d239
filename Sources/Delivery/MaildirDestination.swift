import Diagnostics
import MailModel

#if canImport(Glibc)
    import Glibc
#endif

/// A destination of the configuration, resolved for one folder of one account.
public struct MaildirDestination: Sendable, Hashable {
    public let name: DestinationName
    public let maildir: Maildir

    /// - Throws: `Failure` when the destination's group does not exist.
    public init(
        _ name: DestinationName, settings: MaildirSettings, account: Account, folder: FolderPath
    ) throws(Failure) {
        self.name = name
        let place = MaildirLayout.path(template: settings.path, account: account, folder: folder)
        var group: gid_t?
        if let groupName = settings.group { group = try MaildirDestination.groupID(groupName, of: name) }
        maildir = Maildir(path: place.path, mode: settings.mode, group: group, isSubfolder: place.isSubfolder)
    }

    /// A shell pattern that matches the names of a message's files, of each of its deliveries: readers move them to `cur`
    /// and add flags.
    public func pattern(of key: DeliveryKey) -> String { "\(maildir.path)/{new,cur}/*.K\(key).*" }

    private static func groupID(_ groupName: String, of destination: DestinationName) throws(Failure) -> gid_t {
        if let number = gid_t(groupName) { return number }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        var buffer = [CChar](repeating: 0, count: 16384)
        guard getgrnam_r(groupName, &entry, &buffer, buffer.count, &found) == 0, found != nil else {
            throw Failure(
                .direction, .whenReconfigured(by: .operatorOfPostbote), operation: "open destination",
                reason: "There is no group “\(groupName)”. Create it or correct `group:` of the destination.",
                place: ["destination": destination.text])
        }
        return entry.gr_gid
    }
}
