import Diagnostics
import Store

/// What all senders share.
public struct SendingEnvironment: Sendable {
    public var store: Store
    public var clock: any WallClock
    public var log: EventLog

    public init(store: Store, clock: any WallClock, log: EventLog) {
        self.store = store
        self.clock = clock
        self.log = log
    }
}
