import Diagnostics
import MailModel

/// When an account's next audit is due: once a night, each account at its own time of the night.
///
/// It follows from when the last one was alone, so that a restart neither repeats nor skips a night: what was missed is
/// made up for when the daemon is back.
struct AuditSchedule {
    /// When the night begins, since midnight, and how long audits begin in it.
    static let begins = Duration.seconds(3600)
    static let length = Duration.seconds(4 * 3600)
    /// An audit this short before the account's time is that night's. It is longer than a change of daylight saving
    /// time, which must not make two nights of one.
    static let closest = Duration.seconds(2 * 3600)

    /// How far local time is ahead of UTC.
    let zone: Duration

    /// - Parameter last: when the last audit was; for an account that had none, when the account came to be known.
    func due(_ account: AccountName, after last: Timestamp) -> Timestamp {
        let earliest = last + AuditSchedule.closest
        let day = Int64(86_400)
        let time = (AuditSchedule.begins + AuditSchedule.offset(of: account)).inMilliseconds / 1000
        let local = (earliest + zone).seconds
        let midnight = local - (local % day + day) % day
        let due = Timestamp(seconds: midnight + time) - zone
        return due >= earliest ? due : due + .seconds(day)
    }

    /// The same for ever (FNV-1a), and spread over the night.
    private static func offset(of account: AccountName) -> Duration {
        var hash: UInt64 = 14_695_981_039_346_656_037
        for byte in account.text.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
        return .seconds(Int64(hash % UInt64(length.inMilliseconds / 1000)))
    }
}
