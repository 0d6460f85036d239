import Diagnostics
import Store

/// What all fetchers share.
public struct FetchingEnvironment: Sendable {
    public var store: Store
    public var clock: any WallClock
    public var log: EventLog
    /// Part of the names of delivered files, as Maildir wants it.
    public var hostName: String
    /// The memory of all recoveries.
    public var identities: IdentityAllowance

    public init(
        store: Store, clock: any WallClock, log: EventLog, hostName: String,
        identities: IdentityAllowance = IdentityAllowance()
    ) {
        self.store = store
        self.clock = clock
        self.log = log
        self.hostName = hostName
        self.identities = identities
    }
}
