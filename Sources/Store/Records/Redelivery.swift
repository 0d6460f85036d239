import Diagnostics
import MailModel

/// A delivered message that an operator wants delivered once more.
public struct Redelivery: Hashable, Sendable {
    public let message: LedgerRow
    /// `nil`: all of its folder's.
    public let destination: DestinationName?
    public let ordered: Timestamp
    /// How often it was asked for; an attempt that ended well leaves no redelivery.
    public let attempts: Int
}
