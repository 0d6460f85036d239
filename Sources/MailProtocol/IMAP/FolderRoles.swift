import MailModel

/// Which folder has which role: by the server's own word (RFC 6154), else by its name in the languages that Exchange and
/// Gmail speak. Exchange does not tell roles at all.
public enum FolderRoles {
    /// The role of each folder that has one; of several folders for one role only the likeliest is named.
    ///
    /// - Parameter entries: everything LIST told.
    public static func assign(to entries: [IMAPListEntry]) -> [IMAPMailboxName: FolderRole] {
        var best: [FolderRole: (mailbox: IMAPMailboxName, rank: Int)] = [:]
        for entry in entries {
            guard let (role, rank) = candidate(entry), rank < best[role]?.rank ?? .max else { continue }
            best[role] = (entry.mailbox, rank)
        }
        let pairs = best.map { role, choice in (choice.mailbox, role) }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    /// The role of a folder seen alone.
    public static func role(of entry: IMAPListEntry) -> FolderRole? { candidate(entry)?.role }

    /// A lower rank is a better reason: 0 is the server's word, names follow in the order of the table.
    private static func candidate(_ entry: IMAPListEntry) -> (role: FolderRole, rank: Int)? {
        guard entry.isSelectable else { return nil }
        if entry.mailbox.isInbox { return (.inbox, 0) }
        for (attribute, role) in attributes where entry.attributes.contains(attribute) { return (role, 0) }
        guard let name = wellKnownLevel(of: entry) else { return nil }
        return FolderRoleNames.roles[FolderRoleNames.normalized(name)].map { ($0.role, $0.rank + 1) }
    }

    /// The last level of a name that stands at the top, or below INBOX or Gmail's branch, where servers put such folders.
    private static func wellKnownLevel(of entry: IMAPListEntry) -> String? {
        let path = entry.path
        guard (1...2).contains(path.count), let branch = path.first, let name = path.last else { return nil }
        let isWellKnown = path.count == 1 || ["INBOX", "[GMAIL]", "[GOOGLE MAIL]"].contains(branch.uppercased())
        return isWellKnown ? name : nil
    }

    /// RFC 6154 §2, and XLIST's older names. In the order in which they count where a folder has several.
    private static let attributes: [(String, FolderRole)] = [
        ("inbox", .inbox), ("sent", .sent), ("junk", .junk), ("spam", .junk), ("trash", .trash), ("drafts", .drafts),
        ("archive", .archive), ("all", .all), ("allmail", .all), ("flagged", .flagged), ("starred", .flagged),
    ]
}
