import Diagnostics
import MailModel

/// Takes the octets of replies in pieces of any size, and gives whole replies.
///
/// Lines may end in a bare LF, may be longer than the 512 octets of RFC 5321, and the last line's code counts where
/// lines disagree. Anything else that is no reply is an error, after which the connection is of no use.
public struct SMTPReplyParser: Sendable {
    /// The line that has not ended yet.
    private var line: [UInt8] = []
    /// The texts of the reply that has not ended yet.
    private var texts: [String] = []

    public init() {}

    /// Whether a reply has begun and not ended.
    public var isInsideReply: Bool { !line.isEmpty || !texts.isEmpty }

    /// The replies that end in `octets`. At an error they are in `replies` too, up to what could not be read.
    public mutating func push(
        _ octets: some Collection<UInt8>, into replies: inout [SMTPReply]
    ) throws(Failure) {
        for octet in octets {
            guard octet == .lineFeed else {
                guard line.count < SMTPLimits.replyLine else {
                    throw SMTPReplyParser.outOfStep("It sent a line of more than \(SMTPLimits.replyLine) octets.")
                }
                line.append(octet)
                continue
            }
            if line.last == .carriageReturn { line.removeLast() }
            if let reply = try readLine() { replies.append(reply) }
            line.removeAll(keepingCapacity: true)
            guard replies.count <= SMTPLimits.repliesAtOnce else {
                throw SMTPReplyParser.outOfStep("It sent more replies than there were commands.")
            }
        }
    }

    private mutating func readLine() throws(Failure) -> SMTPReply? {
        let digits = line.prefix(3)
        guard digits.count == 3, digits.allSatisfy(\.isASCIIDigit), (0x32...0x35).contains(line[0]) else {
            throw SMTPReplyParser.outOfStep("Its line is no reply: \(shown(line))")
        }
        let code = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        let separator = line.count > 3 ? line[3] : .space
        guard separator == .space || separator == UInt8(ascii: "-") || separator == .tab else {
            throw SMTPReplyParser.outOfStep("Its line is no reply: \(shown(line))")
        }
        texts.append(String(decoding: line.dropFirst(4), as: UTF8.self))
        guard separator == UInt8(ascii: "-") else {
            defer { texts = [] }
            return SMTPReply(code: code, lines: texts)
        }
        guard texts.count < SMTPLimits.replyLines else {
            throw SMTPReplyParser.outOfStep("Its reply has more than \(SMTPLimits.replyLines) lines.")
        }
        return nil
    }

    private func shown(_ line: [UInt8]) -> String {
        String(decoding: line.prefix(200).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }

    static func outOfStep(_ reason: String) -> Failure {
        Failure(
            .direction, .later(after: nil), operation: "SMTP",
            reason:
                "The server does not answer as a mail server does. \(reason) Check host, port and tls if this stays.")
    }
}
