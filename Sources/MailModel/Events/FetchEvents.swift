import Diagnostics

extension Event {
    public static func folderOpened(
        _ account: AccountName, folder: String, uidValidity: UIDValidity, exists: Int
    ) -> Event {
        Event(
            .folderOpened, .debug, "folder opened",
            [
                EventField(.account, account.text), EventField(.folder, folder),
                EventField("UIDVALIDITY", uidValidity.rawValue), EventField("EXISTS", exists),
            ])
    }

    /// UIDs of the folder name other messages now: all that is known is looked for, by headers alone.
    ///
    /// - Parameter cause: what the server did, in few words.
    public static func folderMoved(
        _ account: AccountName, folder: String, because cause: String, from old: UIDValidity, to new: UIDValidity
    ) -> Event {
        Event(
            .folderMoved, .info, "folder moved, known mail is being recognised: see REASON",
            [
                EventField(.account, account.text), EventField(.folder, folder), EventField(.reason, cause),
                EventField("OLD_UIDVALIDITY", old.rawValue), EventField("NEW_UIDVALIDITY", new.rawValue),
            ])
    }

    public static func folderRenamed(_ account: AccountName, from old: String, to new: String) -> Event {
        Event(
            .folderRenamed, .info, "folder renamed on the server",
            [EventField(.account, account.text), EventField(.folder, new), EventField("OLD_FOLDER", old)])
    }

    /// A moved or rebuilt folder was compared with the ledger.
    ///
    /// - Parameter doubtful: messages that look like known ones, and that only their content tells from them.
    public static func folderRecovered(
        _ account: AccountName, folder: String, known: Int, new: Int, doubtful: Int, after duration: Duration
    ) -> Event {
        Event(
            .folderRecovered, .info, "folder recovered",
            [
                EventField(.account, account.text), EventField(.folder, folder), EventField("KNOWN", known),
                EventField("NEW", new), EventField("DOUBTFUL", doubtful), EventField(.duration, duration),
            ])
    }

    /// How a message that came under a UID without row turned out to be known.
    public enum KnownMessage: Sendable {
        case recognised, revised, duplicate
    }

    /// Not delivered again.
    public static func messageKnown(
        _ account: AccountName, folder: String, uid: UID, key: DeliveryKey?, as known: KnownMessage
    ) -> Event {
        let (name, words): (EventName, String) =
            switch known {
            case .recognised: (.messageRecognised, "known under another UID, not delivered again")
            case .revised: (.messageRevised, "a revised version of a known message, not delivered again")
            case .duplicate: (.messageDuplicate, "delivered from another folder already, see folders_overlap")
            }
        return Event(name, .info, words, fields(account, folder, uid, key))
    }

    /// More messages are there than a visit fetches by itself: they are fetched between the visits, newest first.
    public static func backfillStarted(_ account: AccountName, folder: String, waiting: Int) -> Event {
        Event(
            .backfillStarted, .info, "old mail is fetched behind new mail",
            [
                EventField(.account, account.text), EventField(.folder, folder), EventField("WAITING", waiting),
            ])
    }

    /// Old mail was to be fetched on two connections at once, and the server does not let it.
    ///
    /// - Parameter until: when the next one is tried.
    public static func secondConnectionFailed(
        _ account: AccountName, because failure: Failure, until: Timestamp
    ) -> Event {
        Event(
            .secondConnectionFailed, .info, "old mail is fetched on one connection alone",
            [EventField(.account, account.text), EventField(.next, until)] + failure.fields)
    }

    /// - Parameter done: messages that waited; what became of each was told.
    public static func backfillFinished(
        _ account: AccountName, folder: String, done: Int, octets: Int64, after duration: Duration
    ) -> Event {
        Event(
            .backfillFinished, .info, "old mail is fetched",
            [
                EventField(.account, account.text), EventField(.folder, folder), EventField("DONE", done),
                EventField(.octets, octets), EventField(.duration, duration),
            ])
    }

    /// A look into a folder ended. Without news it is a remark for whoever looks for a fault.
    public static func fetchFinished(
        _ account: AccountName, folder: String, delivered: Int, octets: Int64, after duration: Duration
    ) -> Event {
        Event(
            .fetchFinished, delivered == 0 ? .debug : .info, "fetched",
            [
                EventField(.account, account.text), EventField(.folder, folder), EventField("DELIVERED", delivered),
                EventField(.octets, octets), EventField(.duration, duration),
            ])
    }

    /// The destination holds the message durably.
    public static func messageDelivered(
        _ account: AccountName, folder: String, uid: UID, key: DeliveryKey, octets: Int64,
        to destination: DestinationName, messageID: String? = nil
    ) -> Event {
        Event(
            .messageDelivered, .info, "delivered",
            fields(account, folder, uid, key) + [
                EventField(.octets, octets), EventField(.destination, destination.text),
                EventField(.messageID, ifKnown: messageID),
            ])
    }

    /// Recorded and listed, not fetched.
    public static func messageTooLarge(
        _ account: AccountName, folder: String, uid: UID, octets: Int64, limit: Int64
    ) -> Event {
        Event(
            .messageTooLarge, .info, "larger than max_message_size, not fetched",
            fields(account, folder, uid, nil) + [EventField(.octets, octets), EventField("LIMIT", limit)])
    }

    /// The server no longer had the message when it was asked for.
    public static func messageGone(_ account: AccountName, folder: String, uid: UID) -> Event {
        Event(.messageGone, .info, "gone from the server before it was fetched", fields(account, folder, uid, nil))
    }

    /// The server did not give a message that it lists; it is asked for again. The first time it is a remark: a connection
    /// may break anywhere.
    public static func fetchDeferred(
        _ account: AccountName, folder: String, uid: UID, attempts: Int, next: Timestamp, because failure: Failure
    ) -> Event {
        Event(
            .fetchDeferred, attempts == 1 ? .info : .warning,
            "the server did not give a message, it is asked again: see REASON",
            fields(account, folder, uid, nil) + [EventField("ATTEMPTS", attempts), EventField(.next, ifKnown: next)]
                + failure.fields)
    }

    /// A staging directory is gone, with messages that were written down and not delivered yet.
    public static func stagingLost(_ account: AccountName?, path: String, messages: Int) -> Event {
        Event(
            .stagingLost, .warning,
            "the staging directory of a Maildir is gone: its messages are fetched again, some may arrive twice",
            [
                EventField(.account, ifKnown: account?.text), EventField("PATH", path),
                EventField("MESSAGES", messages),
            ])
    }

    /// The server did not give the message however often it was asked; the others go on.
    public static func messageQuarantined(
        _ account: AccountName, folder: String, uid: UID, attempts: Int, because failure: Failure
    ) -> Event {
        Event(
            .messageQuarantined, .warning, "put into quarantine: see its REASON, and run: postbote quarantine list",
            fields(account, folder, uid, nil) + [EventField("ATTEMPTS", attempts)] + failure.fields)
    }

    public enum ServerChange: String, Sendable {
        case seen, deleted, moved
        /// It was not there any more when it was to be changed.
        case gone
    }

    /// What `after_fetch`, `delete_after` or an operator wanted was done to the server's copy.
    public static func serverCopyChanged(
        _ account: AccountName, folder: String, uid: UID, key: DeliveryKey?, _ change: ServerChange
    ) -> Event {
        Event(
            .serverCopyChanged, .info, "the server's copy was changed: see CHANGE",
            fields(account, folder, uid, key) + [EventField("CHANGE", change.rawValue)])
    }

    public enum MailOrder: String, Sendable {
        case redeliver, seen, move, delete
    }

    /// An operator ordered something about fetched mail; it is written down, and done at the next visit to the folder.
    public static func mailOrder(
        _ account: AccountName, folder: String, uid: UID, key: DeliveryKey?, _ order: MailOrder
    ) -> Event {
        Event(
            .mailOrder, .info, "an operator ordered something about fetched mail: see ORDER",
            fields(account, folder, uid, key) + [EventField("ORDER", order.rawValue)])
    }

    /// A message that an operator wanted delivered again was not.
    ///
    /// - Parameter isGone: the server has it no more; else it was asked for in vain several times.
    public static func redeliveryFailed(
        _ account: AccountName, folder: String, uid: UID, key: DeliveryKey?, isGone: Bool
    ) -> Event {
        Event(
            .redeliveryFailed, .warning, "not delivered again: see REASON",
            fields(account, folder, uid, key) + [
                EventField(
                    .reason,
                    isGone
                        ? "the server has it no more"
                        : "the server did not give it, however often it was asked: open it in another mail program, then "
                            + "order it again (postbote mail redeliver)")
            ])
    }

    public enum QuarantineOrder: String, Sendable {
        case retried, delivered, dropped
    }

    /// An operator decided about a message in quarantine.
    public static func quarantineOrder(
        _ account: AccountName, folder: String, uid: UID, _ order: QuarantineOrder
    ) -> Event {
        Event(
            .quarantineOrder, .info, "an operator decided about a message in quarantine: see ORDER",
            fields(account, folder, uid, nil) + [EventField("ORDER", order.rawValue)])
    }

    /// A destination could not take the message; it is tried again.
    public static func deliveryDeferred(
        _ account: AccountName, folder: String, uid: UID, key: DeliveryKey, to destination: DestinationName,
        because failure: Failure, next: Timestamp?
    ) -> Event {
        Event(
            .deliveryDeferred, .warning, "a destination did not take a message: see its REASON",
            fields(account, folder, uid, key)
                + [EventField(.destination, destination.text), EventField(.next, ifKnown: next)] + failure.fields)
    }

    private static func fields(
        _ account: AccountName, _ folder: String, _ uid: UID, _ key: DeliveryKey?
    ) -> [EventField?] {
        [
            EventField(.account, account.text), EventField(.folder, folder), EventField(.uid, uid.rawValue),
            EventField(.deliveryKey, ifKnown: key?.description),
        ]
    }
}
