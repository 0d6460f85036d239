import Diagnostics
import MailModel
import MailProtocol
import Sessions

/// The message that doctor sends: small, and found again by its Message-ID.
struct TestMail: MessageContent, Sendable {
    let messageID: MessageID
    private let from: MailAddress
    private let to: MailAddress
    private let octets: [UInt8]

    init(from: MailAddress, to: MailAddress, account: AccountName, at now: Timestamp) {
        var generator = SystemRandomNumberGenerator()
        let key = DeliveryKey(using: &generator)
        guard let messageID = MessageID("<doctor.\(key)@\(from.domain)>") else {
            preconditionFailure("a key makes an identifier")
        }
        self.messageID = messageID
        self.from = from
        self.to = to
        // RFC 3834 §5: nobody is to answer it by machine.
        octets = Array(
            [
                "From: \(from)", "To: \(to)", "Subject: Postbote doctor: test of account \(account)",
                "Date: \(MessageDate.format(now))", "Message-ID: \(messageID)", "Auto-Submitted: auto-generated",
                "MIME-Version: 1.0", "Content-Type: text/plain; charset=us-ascii", "",
                "This mail was sent by `postbote doctor \(account) --send-to`. It can be deleted.", "",
            ].joined(separator: "\r\n").utf8)
    }

    /// Servers may change all of a message but this.
    func isSame(as summary: MessageSummary) -> Bool { summary.headers?.messageID == messageID }

    func envelope() throws(Failure) -> SMTPEnvelope {
        try SMTPEnvelope(
            reversePath: from, recipients: [to], size: Int64(octets.count),
            is8Bit: from.isInternationalized || to.isInternationalized,
            hasInternationalizedHeader: from.isInternationalized || to.isInternationalized)
    }

    func read(from offset: Int64) async throws -> [UInt8] { Array(octets.dropFirst(Int(offset))) }
}
