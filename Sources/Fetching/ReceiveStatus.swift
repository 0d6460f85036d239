import Authorization
import Diagnostics
import MailModel

/// What `status` tells of an account's receiving.
public struct ReceiveStatus: Sendable {
    /// A turn that ended: all watched folders were visited, or it failed on the way.
    public struct Turn: Sendable {
        public var at: Timestamp
        public var duration: Duration
        public var delivered: Int
        public var octets: Int64
        /// Listed by the server and not retrieved.
        public var open: Int
    }

    public var health: DirectionHealth
    public var activity = Activity.idling
    public var last: Turn?
    /// When the next turn is due.
    public var next: Timestamp?
    /// Messages delivered since the daemon started.
    public var delivered = 0
    /// What is wrong with single folders while the account works, by folder.
    public var folderFailures: [String: Failure] = [:]
}
