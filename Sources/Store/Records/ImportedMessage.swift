import Diagnostics
import MailModel

/// A message that was delivered before anything was known of it: learned from the file that holds it.
public struct ImportedMessage: Sendable {
    /// As the file's name says, else a new one.
    public var deliveryKey: DeliveryKey
    public var traits: MessageTraits
    public var contentHash: ContentHash
    public var contentSize: Int64
    public var delivered: Timestamp

    public init(
        deliveryKey: DeliveryKey, traits: MessageTraits, contentHash: ContentHash, contentSize: Int64,
        delivered: Timestamp
    ) {
        self.deliveryKey = deliveryKey
        self.traits = traits
        self.contentHash = contentHash
        self.contentSize = contentSize
        self.delivered = delivered
    }
}
