import MailModel

/// Which messages of the queue an order is for.
///
/// Of an account or of all only those are meant whose state allows it, and never one that is in doubt or has failed: to
/// send such a message again is a decision about that message.
public enum QueueSelection: Hashable, Sendable {
    case message(QueueID)
    case account(AccountName)
    case all
}
