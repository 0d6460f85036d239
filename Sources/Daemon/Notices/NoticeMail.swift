import MailModel

/// A mail of Postbote's own, to the administrator or to a mailbox's owner (RFC 3834 §5: nobody's automatic reply is wanted).
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
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { Self.wrapped($0) }
        return Array((header.joined(separator: "\r\n") + "\r\n\r\n" + lines.joined(separator: "\r\n")).utf8)
    }

    /// Lines that mail can carry (RFC 5322 §2.1.1); no shorter, because commands are copied from them.
    private static func wrapped(_ line: Substring) -> [String] {
        var lines = [""]
        for word in line.split(separator: " ", omittingEmptySubsequences: false) {
            let last = lines[lines.count - 1]
            if last.utf8.count + word.utf8.count < Limits.noticeLine {
                lines[lines.count - 1] = last.isEmpty ? String(word) : "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
