import MailModel

/// That something ends, so many days before or less.
struct Reminder: Hashable, Comparable {
    var expiry: Expiry
    var days: Int

    init(_ expiry: Expiry, days: Int) {
        self.expiry = expiry
        self.days = days
    }

    /// One for each subject, end and step.
    fileprivate var key: String { "\(expiry.subject.key)/\(expiry.ends.seconds / 86_400)/\(days)" }

    fileprivate var words: String {
        "\(expiry.subject.words) ends in \(days == 1 ? "a day" : "\(days) days") or less"
    }

    /// What ends first comes first.
    static func < (left: Reminder, right: Reminder) -> Bool {
        (left.expiry.ends, left.key) < (right.expiry.ends, right.key)
    }
}

/// One mail for all that is due together: the consents of a whole company may have been given on one day.
struct ReminderMail {
    let notice: NoticeMail

    /// `nil` when nothing is due.
    init?(_ reminders: [Reminder]) {
        guard let first = reminders.first else { return nil }
        var hash = ContentHash.Stream()
        for reminder in reminders { hash.push(Array("\(reminder.key)\n".utf8)[...]) }
        var parts = reminders.prefix(Limits.accountsNamed).map { reminder in
            "The \(reminder.expiry.subject.words) ends on \(reminder.expiry.ends).\n\(reminder.expiry.cure)\n"
        }
        let more = reminders.count - Limits.accountsNamed
        if more > 0 { parts.append("And \(more) more: journalctl -u postbote EVENT=expires_soon\n") }
        notice = NoticeMail(
            key: "reminders/\(hash.finish())",
            subject: reminders.count == 1
                ? first.words : "\(reminders.count) things end soon, first the \(first.words)",
            text: parts.joined(separator: "\n"))
    }
}
