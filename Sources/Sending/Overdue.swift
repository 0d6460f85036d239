import Diagnostics
import MailModel
import Store

/// Why a message waits no longer.
enum Overdue: Hashable {
    /// The direction was parked for longer than `parked_max`: it is held, for an operator to decide.
    case parked
    /// It waited longer than `max_age`, parked time left out: it has failed.
    case aged

    init?(_ message: QueuedMessage, at now: Timestamp, _ parking: StoredAccount.Parking, _ settings: SendSettings) {
        if message.parked(at: now, parking) > settings.parkedMax {
            self = .parked
        } else if message.unparkedAge(at: now, parking) > settings.maxAge {
            self = .aged
        } else {
            return nil
        }
    }

    /// Nothing accepted since then can be overdue.
    static func threshold(at now: Timestamp, _ settings: SendSettings) -> Timestamp {
        now - min(settings.parkedMax, settings.maxAge)
    }
}
