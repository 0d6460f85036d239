import MailModel

/// The name of a mailbox on a server: the octets to say to that server, and the text to say to people.
///
/// A name that came from a server goes back exactly as it came, whether it could be decoded or not.
public struct IMAPMailboxName: Hashable, Sendable {
    /// As on the wire, mostly modified UTF-7.
    public let raw: [UInt8]
    /// Decoded, for people and for comparing with the configuration.
    public let text: String

    /// A name of the configuration, encoded for the wire.
    public init(_ text: String) { self.init(raw: ModifiedUTF7.encode(text), text: text) }

    /// A name from the wire. What is no modified UTF-7 is taken for UTF-8, which some servers send; what is neither
    /// is shown with U+FFFD.
    public init(raw: [UInt8]) { self.init(raw: raw, text: ModifiedUTF7.decode(raw) ?? raw[...].text) }

    /// A name from `spelling`.
    public init(spelling: String) {
        let octets = [UInt8](hexadecimal: String(spelling.dropFirst(Self.octetsMark.count)))
        let isMarked = spelling.hasPrefix(Self.octetsMark)
        self.init(raw: isMarked ? octets ?? Array(spelling.utf8) : Array(spelling.utf8))
    }

    /// The octets as text from which they can be had again exactly: what is no UTF-8 is written as digits.
    public var spelling: String {
        String(validating: raw, as: UTF8.self) ?? Self.octetsMark + raw.hexadecimal
    }

    private static let octetsMark = "\u{FFFD}:"

    private init(raw: [UInt8], text: String) {
        // INBOX is the one name without regard to case (RFC 3501 §5.1).
        let isInbox = raw.count == 5 && text.uppercased() == "INBOX"
        self.raw = isInbox ? Array("INBOX".utf8) : raw
        self.text = isInbox ? "INBOX" : text
    }

    public static let inbox = IMAPMailboxName("INBOX")

    public var isInbox: Bool { self == .inbox }
}

extension IMAPMailboxName: CustomStringConvertible {
    public var description: String { text }
}
