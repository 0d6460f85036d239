import MailModel

/// A mail to the administrator (RFC 3834 §5: nobody's automatic reply is wanted).
struct NoticeMail {
    /// One mail, however often it is asked for.
    var key: String
    var subject: String
    var text: String

    /// RFC 5322, without Date and Message-ID, which the queue adds.
    func octets(from: String, to: String, hostName: String) -> [UInt8] {
        let header = [
            "From: Postbote <\(from)>", "To: \(to)", "Subject: Postbote on \(hostName): \(subject)",
            "Auto-Submitted: auto-generated", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: 8bit",
        ]
        return Array((header.joined(separator: "\r\n") + "\r\n\r\n").utf8)
            + Array(text.replacing("\n", with: "\r\n").utf8)
    }
}
