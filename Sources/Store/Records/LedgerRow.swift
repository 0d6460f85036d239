import Diagnostics
import MailModel

/// One message of the ledger.
public struct LedgerRow: Hashable, Sendable {
    public let id: LedgerID
    public let folder: FolderID
    public let epoch: Epoch
    public internal(set) var uid: UID
    public let state: LedgerState
    public let deliveryKey: DeliveryKey?
    public let contentHash: ContentHash?
    /// Octets that were fetched.
    public let contentSize: Int64?
    public let traits: MessageTraits
    /// It may have been delivered before, and could not be told.
    public let isDoubtful: Bool
    public let reason: String?
    /// When it was staged or otherwise written down.
    public let noted: Timestamp
    public let delivered: Timestamp?
    /// When the server's copy was removed by us.
    public let removed: Timestamp?
    /// The folder that we moved it into, as the server spells it, as long as it is not known there.
    public var movedTo: String?
    /// Where it is in that folder; `nil`: the server did not say.
    public var movedPlace: MessagePlace?
}
