import Diagnostics

extension Event {
    /// An audit found a message that the ledger does not account for; it is fetched or recognised at once.
    ///
    /// - Parameter reason: what is wrong, in few words.
    public static func messageUnaccounted(
        _ account: AccountName, folder: String, uid: UID, because reason: String
    ) -> Event {
        Event(
            .messageUnaccounted, .warning,
            "a message was not accounted for, it is fetched or recognised now: see REASON",
            [
                EventField(.account, account.text), EventField(.folder, folder), EventField(.uid, uid.rawValue),
                EventField(.reason, reason),
            ])
    }

    /// The watched folders of an account were held against the ledger.
    ///
    /// - Parameters:
    ///   - unaccounted: messages that nobody could account for when it began.
    ///   - remaining: of them, those of whom that is still so.
    public static func auditFinished(
        _ account: AccountName, listed: Int, unaccounted: Int, remaining: Int, after duration: Duration
    ) -> Event {
        Event(
            .auditFinished, remaining == 0 ? .info : .warning,
            remaining == 0 ? "audited" : "audited, some messages are not accounted for yet: run postbote audit",
            [
                EventField(.account, account.text), EventField("LISTED", listed),
                EventField("UNACCOUNTED", unaccounted), EventField("REMAINING", remaining),
                EventField(.duration, duration),
            ])
    }

    /// What was delivered before was learned from the files of a Maildir.
    public static func maildirImported(
        _ account: AccountName, path: String, learned: Int, known: Int, unreadable: Int
    ) -> Event {
        Event(
            .maildirImported, unreadable == 0 ? .info : .warning, "learned what a Maildir holds",
            [
                EventField(.account, account.text), EventField("PATH", path), EventField("LEARNED", learned),
                EventField("KNOWN", known), EventField("UNREADABLE", unreadable),
            ])
    }

    /// An operator had the state of an account removed that was not in the configuration any more.
    public static func accountForgotten(
        _ account: AccountName, messages: Int, queued: Int, credentials: Int
    ) -> Event {
        Event(
            .accountForgotten, .info, "an account's state was removed",
            [
                EventField(.account, account.text), EventField("MESSAGES", messages),
                EventField("QUEUED", queued), EventField("CREDENTIALS", credentials),
            ])
    }
}
