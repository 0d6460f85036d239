import Authorization
import Diagnostics
import MailModel

/// What `status` tells of an account's receiving.
public struct ReceiveStatus: Sendable {
    /// A turn that ended: all watched folders were visited, or it failed on the way.
    public struct Turn: Sendable {
        public var at: Timestamp
        public var duration = Duration.zero
        public var delivered = 0
        public var octets: Int64 = 0
        /// Listed by the server and not retrieved.
        public var open = 0
        /// All watched folders were visited, each with what came of it.
        public internal(set) var isComplete = false

        mutating func add(_ result: FolderVisit.Result, until now: Timestamp) {
            duration = now - at
            delivered += result.delivered
            octets += result.octets
            open += result.open
        }

        /// What it brought, without the folders.
        var result: FolderVisit.Result { FolderVisit.Result(delivered: delivered, octets: octets, open: open) }
    }

    public var health: DirectionHealth
    public var activity = Activity.idling
    /// The latest one; none that a pause kept from its work.
    public var last: Turn?
    /// When the next turn is due.
    public var next: Timestamp?
    /// Messages delivered since the daemon started.
    public var delivered = 0
    /// What is wrong with single folders while the account works, by folder.
    public var folderFailures: [String: Failure] = [:]
    /// How far the old mail of single folders is fetched, by folder.
    public var backfills: [String: BackfillProgress] = [:]
    /// Until when an operator paused the account, and the fetching of old mail alone.
    public var pausedUntil: Timestamp?
    public var backfillPausedUntil: Timestamp?
}
