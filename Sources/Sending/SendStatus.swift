import Authorization
import Diagnostics
import MailModel

/// What `status` tells of an account's sending.
public struct SendStatus: Sendable {
    public var health: DirectionHealth
    public var activity = Activity.idling
    /// Messages sent since the daemon started.
    public var sent = 0
    /// Until when an operator paused the account.
    public var pausedUntil: Timestamp?
}
