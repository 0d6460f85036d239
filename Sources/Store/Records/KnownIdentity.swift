import MailModel

/// As much of a known message as tells where to look for it.
public struct KnownIdentity: Hashable, Sendable {
    public let id: LedgerID
    public let epoch: Epoch
    /// `nil`: it has no identity of the present version.
    public let prefix: IdentityPrefix?
    /// We removed the server's copy.
    public let isRemoved: Bool
    /// Its UID, or what stands for one that it has not.
    let place: Int64
}
