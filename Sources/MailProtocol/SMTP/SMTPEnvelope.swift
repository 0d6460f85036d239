import Diagnostics
import MailModel

/// From whom, to whom, and what the server must know of the content beforehand (RFC 5321 §2.3.1).
public struct SMTPEnvelope: Hashable, Sendable {
    /// `nil`: the null reverse-path of bounces and other notices.
    public let reversePath: MailAddress?
    /// Never empty; results name recipients by their position here.
    public let recipients: [MailAddress]
    /// Octets of the content with CRLF line ends, before dots are doubled (RFC 1870 §5).
    public let size: Int64?
    /// The content has octets above 127 (RFC 6152).
    public let is8Bit: Bool
    /// The header has octets above 127 (RFC 6531 §3.1).
    public let hasInternationalizedHeader: Bool

    /// - Throws: when there is no recipient, or an address cannot be written into a command.
    public init(
        reversePath: MailAddress?, recipients: [MailAddress], size: Int64? = nil, is8Bit: Bool = false,
        hasInternationalizedHeader: Bool = false
    ) throws(Failure) {
        guard !recipients.isEmpty else { throw SMTPEnvelope.invalid("The message has no recipient.") }
        for address in recipients + [reversePath].compactMap(\.self) {
            guard let defect = address.defect else { continue }
            throw SMTPEnvelope.invalid("The address \(shown(address)) \(defect).")
        }
        self.reversePath = reversePath
        self.recipients = recipients
        self.size = size
        self.is8Bit = is8Bit
        self.hasInternationalizedHeader = hasInternationalizedHeader
    }

    private static func invalid(_ reason: String) -> Failure {
        Failure(.message, .never, operation: "send", reason: reason)
    }
}

/// An address for people to read, whatever is in it.
private func shown(_ address: MailAddress) -> String {
    String(address.description.prefix(200).map { $0.isNewline || $0.isASCII && $0 < " " ? "?" : $0 })
}
