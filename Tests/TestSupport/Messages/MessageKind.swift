/// The kinds of mail that a mailbox of years holds.
public enum MessageKind: String, CaseIterable, Sendable {
    case plainText
    /// Text and HTML (multipart/alternative).
    case alternative
    /// HTML with a picture inside (multipart/related).
    case newsletter
    /// multipart/mixed with an attachment.
    case attachment
    /// An attachment of 5 MB.
    case largeAttachment
    /// 8-bit UTF-8 in the body, undisguised.
    case eightBit
    /// ISO-8859-1 in quoted-printable, and in an encoded word in the subject.
    case latin1
    /// A long subject with umlauts in folded encoded words (RFC 2047).
    case encodedHeaders
    /// UTF-8 in the header itself (RFC 6532).
    case internationalHeaders
    case withoutMessageID
    /// Another message with the Message-ID and the date of the second one before it.
    case repeatedMessageID
    /// Not a single byte.
    case empty
    case headersOnly
    /// Lines that begin with one dot, two dots, or are only a dot.
    case dotLines
    /// A line of 20,000 octets.
    case longLine
    /// A CR without LF inside a line.
    case bareCR
    /// A forwarded message inside (message/rfc822).
    case forwarded
    /// A report that a message was not delivered (RFC 3464).
    case bounceReport
    /// An invitation (text/calendar).
    case invitation
}
