import MailModel

/// A mailbox as LIST, LSUB or XLIST name it (RFC 3501 §7.2.2).
public struct IMAPListEntry: Hashable, Sendable {
    public var mailbox: IMAPMailboxName
    /// In lower case and without the backslash: `haschildren`, `noselect`, `sent`.
    public var attributes: Set<String>
    /// `nil`: the server has no hierarchy here.
    public var delimiter: UInt8?

    public init(mailbox: IMAPMailboxName, attributes: Set<String> = [], delimiter: UInt8? = nil) {
        self.mailbox = mailbox
        self.attributes = attributes
        self.delimiter = delimiter
    }

    /// Whether it can be opened: a pure branch of the hierarchy cannot.
    public var isSelectable: Bool { attributes.isDisjoint(with: ["noselect", "nonexistent"]) }

    /// As LIST says where it was asked for that (RFC 5258 §3.1).
    public var isSubscribed: Bool { attributes.contains("subscribed") }

    /// The decoded name's levels: `["INBOX", "Archiv"]`. None for an empty name or one of delimiters only, which no
    /// server should send.
    public var path: [String] {
        guard let delimiter else { return mailbox.text.isEmpty ? [] : [mailbox.text] }
        return mailbox.text.split(separator: Character(Unicode.Scalar(delimiter))).map(String.init)
    }
}
