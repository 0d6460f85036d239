import Diagnostics
import MailModel

/// How far a folder was read, as of its last look.
public struct FolderMark: Hashable, Sendable {
    /// Every UID up to it is in the ledger, needs no row, or waits to be fetched while `isBackfilling`.
    public var cursor: UID?
    /// As the server said at a look that left nothing open; `nil`: the next visit looks again.
    public var uidNextSeen: UID?
    public var existsSeen: Int?
    /// Messages below the cursor wait to be fetched.
    public var isBackfilling: Bool
    /// The `since` of that look; `nil`: nothing was left out.
    public var sinceSeen: Timestamp?

    public init(
        cursor: UID?, uidNextSeen: UID?, existsSeen: Int?, isBackfilling: Bool = false, sinceSeen: Timestamp? = nil
    ) {
        self.cursor = cursor
        self.uidNextSeen = uidNextSeen
        self.existsSeen = existsSeen
        self.isBackfilling = isBackfilling
        self.sinceSeen = sinceSeen
    }
}
