import MailModel

/// An untagged response, apart from FETCH.
public enum IMAPResponse: Hashable, Sendable {
    /// OK, NO, BAD, BYE or PREAUTH; also a response code that the server sent without one of these, as `ok`.
    case status(IMAPReply)
    case capability(IMAPCapabilities)
    /// RFC 5161: what is switched on now. Believe this, not the tagged OK.
    case enabled(Set<String>)
    /// LIST, LSUB and XLIST.
    case list(IMAPListEntry)
    case mailboxStatus(IMAPMailboxStatus)
    /// The answer to UID SEARCH.
    case search(UIDSet)
    case extendedSearch(IMAPExtendedSearch)
    case flags(IMAPFlags)
    /// How many messages the folder has now.
    case exists(UInt32)
    case recent(UInt32)
    /// The message with this sequence number is gone; higher ones move down by one.
    case expunge(UInt32)
    /// RFC 7162 §3.2.10: these UIDs are gone; `earlier` when they were before this session.
    case vanished(UIDSet, earlier: Bool)
    /// RFC 2971: the server's name, version and the like, names in lower case.
    case id([String: String])
    case namespace(IMAPNamespace)
    /// Not known here: its keyword in upper case and the line behind it.
    case other(keyword: String, line: String)
}
