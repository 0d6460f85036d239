import Diagnostics
import MailModel

/// A message that lies in staging, about to be written down.
public struct StagedMessage: Sendable {
    public var uid: UID
    public var deliveryKey: DeliveryKey
    public var traits: MessageTraits
    public var contentHash: ContentHash
    public var contentSize: Int64
    public var isDoubtful: Bool
    /// Where it goes, and the name of its file in each destination's staging.
    public var destinations: [(name: DestinationName, stagedName: String)]

    public init(
        uid: UID, deliveryKey: DeliveryKey, traits: MessageTraits, contentHash: ContentHash, contentSize: Int64,
        isDoubtful: Bool = false, destinations: [(name: DestinationName, stagedName: String)]
    ) {
        self.uid = uid
        self.deliveryKey = deliveryKey
        self.traits = traits
        self.contentHash = contentHash
        self.contentSize = contentSize
        self.isDoubtful = isDoubtful
        self.destinations = destinations
    }
}
