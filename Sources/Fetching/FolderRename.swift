import MailModel
import Sessions
import Store

/// Which known folder a folder is that the ledger does not know by name: people rename folders, and servers change the
/// case of their names. Decided from facts.
enum FolderRename {
    /// By MAILBOXID where both sides have one (RFC 8474 §4). Otherwise by UIDVALIDITY, which a rename leaves as it is and
    /// no other folder ought to have; should it be another folder all the same, its anchors say so.
    ///
    /// - Parameter former: known folders that the server has no more.
    static func former(
        of folder: RemoteFolder, _ facts: FolderFacts, on server: String?, among former: [StoredFolder]
    ) -> StoredFolder? {
        if let mailboxID = facts.mailboxID, let same = former.first(where: { $0.mailboxID == mailboxID }) {
            return same
        }
        let candidates = former.filter { candidate in
            candidate.uidValidity == facts.uidValidity && (candidate.mailboxID == nil || facts.mailboxID == nil)
                && (candidate.server == nil || candidate.server == server)
        }
        let sameInOtherCase = candidates.first { $0.serverName.lowercased() == folder.serverName.lowercased() }
        return sameInOtherCase ?? (candidates.count == 1 ? candidates[0] : nil)
    }
}
