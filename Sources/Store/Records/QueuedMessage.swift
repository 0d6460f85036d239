import Diagnostics
import MailModel

/// A message in the queue or its history.
public struct QueuedMessage: Hashable, Sendable {
    public let id: QueueID
    public let account: AccountID
    public let reversePath: String
    public let messageID: String?
    public let size: Int64
    public let needs8BitMIME: Bool
    public let needsSMTPUTF8: Bool
    /// `false`: it is done, and its content not kept any more.
    public let hasBody: Bool
    public let idempotencyKey: String?
    public let priority: Int
    public let notBefore: Timestamp?
    public let created: Timestamp
    public let state: QueueState
    /// When it is tried next, where it is queued or deferred.
    public let nextAttempt: Timestamp
    /// Those that count.
    public let attempts: Int
    public let holdReason: String?
    public let finished: Timestamp?
    /// The account's parked time when the message began to wait.
    let parkedAtCreation: Duration
    /// When it began to wait: when it was accepted, or when an operator ordered it to be tried after all.
    let waitingSince: Timestamp

    /// How long sending has been parked since the message began to wait: for `parked_max`.
    public func parked(at now: Timestamp, _ parking: StoredAccount.Parking) -> Duration {
        max(.zero, parking.elapsed(at: now) - parkedAtCreation)
    }

    /// The message's age without parked time: for `max_age`. A message that may not be sent before some time does not
    /// age until then.
    public func unparkedAge(at now: Timestamp, _ parking: StoredAccount.Parking) -> Duration {
        max(.zero, now - max(waitingSince, notBefore ?? waitingSince) - parked(at: now, parking))
    }
}
