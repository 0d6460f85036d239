import Diagnostics
import MailModel

/// A message that was accepted, beside its content: what sending it takes, and what the queue shows of it.
public struct OutgoingMessage: Hashable, Sendable {
    /// The authors, in the header's From; never empty, each with a domain.
    public var from: [NamedAddress]
    /// Without duplicates, each with a domain.
    public var recipients: [MailAddress]
    public var messageID: MessageID
    /// Decoded; empty without one.
    public var subject: String
    /// Octets of the content, with CRLF line ends, before dots are doubled.
    public var size: Int64
    /// Header or body has octets above 127.
    public var is8Bit: Bool
    /// The header has octets above 127.
    public var hasInternationalizedHeader: Bool
    /// Octets of the longest line, without its CRLF. Above 998 the message breaks RFC 5322 §2.1.1; it is sent as it
    /// is, because breaking lines damages content and signatures, and servers that do not take it say so.
    public var longestLine: Int
    /// The fields that were added at intake.
    public var addedFields: [String]

    /// What is told to the server.
    ///
    /// - Parameters:
    ///   - reversePath: the envelope's sender; `nil`: the null reverse-path.
    ///   - recipients: those of the message that are still open.
    public func envelope(reversePath: MailAddress?, recipients: [MailAddress]) throws(Failure) -> SMTPEnvelope {
        try SMTPEnvelope(
            reversePath: reversePath, recipients: recipients, size: size, is8Bit: is8Bit,
            hasInternationalizedHeader: hasInternationalizedHeader)
    }
}
