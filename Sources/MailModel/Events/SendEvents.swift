import Diagnostics

extension Event {
    /// Stored durably; `queueID` has been, or is about to be, given to whoever sent it.
    public static func messageQueued(
        _ account: AccountName, queueID: String, from sender: String, recipients: Int, octets: Int64,
        messageID: String? = nil
    ) -> Event {
        Event(
            .messageQueued, .info, "queued",
            fields(account, queueID) + [
                EventField("SENDER", sender), EventField("RECIPIENTS", recipients), EventField(.octets, octets),
                EventField(.messageID, ifKnown: messageID),
            ])
    }

    /// Not accepted into the queue.
    public static func messageRefused(_ account: AccountName?, because failure: Failure) -> Event {
        Event(
            .messageRefused, .info, "refused a message",
            [EventField(.account, ifKnown: account?.text)] + failure.fields)
    }

    /// Every recipient was accepted by the server.
    public static func messageSent(
        _ account: AccountName, queueID: String, attempt: Int, after duration: Duration, serverLine: String? = nil
    ) -> Event {
        Event(
            .messageSent, .info, "sent",
            fields(account, queueID) + [
                EventField(.attempt, attempt), EventField(.duration, duration),
                EventField(.serverLine, ifKnown: serverLine),
            ])
    }

    public static func messageDeferred(
        _ account: AccountName, queueID: String, attempt: Int, next: Timestamp, because failure: Failure
    ) -> Event {
        Event(
            .messageDeferred, .info, "deferred",
            fields(account, queueID) + [EventField(.attempt, attempt), EventField(.next, next)] + failure.fields)
    }

    /// No recipient is open any more and at least one was not accepted.
    public static func messageFailed(_ account: AccountName, queueID: String, because failure: Failure) -> Event {
        Event(.messageFailed, .warning, "failed: its sender must be told", fields(account, queueID) + failure.fields)
    }

    /// The connection ended between the final dot and its reply.
    public static func messageInDoubt(_ account: AccountName, queueID: String, because failure: Failure) -> Event {
        Event(
            .messageInDoubt, .warning,
            "in doubt whether it was sent: look into the mailbox, then postbote queue retry or cancel",
            fields(account, queueID) + failure.fields)
    }

    /// `who` asked for it: a local user, or Postbote itself with its reason.
    public static func messageHeld(_ account: AccountName, queueID: String, by who: String) -> Event {
        Event(.messageHeld, .info, "held", fields(account, queueID) + [EventField("BY", who)])
    }
    public static func messageReleased(_ account: AccountName, queueID: String, by who: String) -> Event {
        Event(.messageReleased, .info, "released", fields(account, queueID) + [EventField("BY", who)])
    }
    public static func messageRetried(_ account: AccountName, queueID: String, by who: String) -> Event {
        Event(.messageRetried, .info, "to be retried at once", fields(account, queueID) + [EventField("BY", who)])
    }
    public static func messageCancelled(_ account: AccountName, queueID: String, by who: String) -> Event {
        Event(.messageCancelled, .info, "cancelled", fields(account, queueID) + [EventField("BY", who)])
    }

    public static func recipientSent(
        _ account: AccountName, queueID: String, recipient: String, serverLine: String?
    ) -> Event {
        Event(
            .recipientSent, .debug, "sent to a recipient",
            fields(account, queueID) + [
                EventField(.recipient, recipient), EventField(.serverLine, ifKnown: serverLine),
            ])
    }

    public static func recipientDeferred(
        _ account: AccountName, queueID: String, recipient: String, because failure: Failure
    ) -> Event {
        Event(
            .recipientDeferred, .info, "a recipient was deferred",
            fields(account, queueID) + [EventField(.recipient, recipient)] + failure.fields)
    }

    public static func recipientFailed(
        _ account: AccountName, queueID: String, recipient: String, because failure: Failure
    ) -> Event {
        Event(
            .recipientFailed, .info, "a recipient was refused",
            fields(account, queueID) + [EventField(.recipient, recipient)] + failure.fields)
    }

    private static func fields(_ account: AccountName, _ queueID: String) -> [EventField?] {
        [EventField(.account, account.text), EventField(.queueID, queueID)]
    }
}
