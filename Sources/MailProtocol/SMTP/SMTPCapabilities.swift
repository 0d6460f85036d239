import Diagnostics
import MailModel

/// What a server said it can do in its reply to EHLO (RFC 5321 §4.1.1.1).
public struct SMTPCapabilities: Hashable, Sendable {
    /// The names of SASL mechanisms, in upper case (RFC 4954 §3).
    public var mechanisms: [String] = []
    /// RFC 2920.
    public var hasPipelining = false
    /// RFC 6152.
    public var has8BitMIME = false
    /// RFC 6531.
    public var hasSMTPUTF8 = false
    /// RFC 1870; `maximumSize` holds the number.
    public var hasSize = false
    /// Octets of the largest message that the server takes; `nil`: it does not say.
    public var maximumSize: Int64?
    /// All keywords, in upper case.
    public var keywords: Set<String> = []

    public init() {}

    /// From the lines of a reply to EHLO, of which the first holds the server's name and a greeting.
    public init(reply: SMTPReply) {
        for line in reply.lines.dropFirst() { read(line) }
    }

    /// From all that the server said while the connection was made: greeting, replies to EHLO, perhaps to STARTTLS
    /// between two of them. The last reply to EHLO counts: what was said in clear is void (RFC 3207 §4.2).
    ///
    /// - Throws: when there is no reply to EHLO or HELO in it.
    public init(transcript: some Collection<UInt8>) throws(Failure) {
        var parser = SMTPReplyParser()
        var replies: [SMTPReply] = []
        try parser.push(transcript, into: &replies)
        guard let hello = replies.last(where: { $0.code == 250 }) else {
            throw SMTPReplyParser.outOfStep("It did not answer EHLO.")
        }
        self.init(reply: hello)
    }

    private mutating func read(_ line: String) {
        // Old servers write `AUTH=LOGIN`, in a line beside the right one.
        let words = line.split { $0 == " " || $0 == "\t" || $0 == "=" }.map { $0.uppercased() }
        guard let keyword = words.first else { return }
        keywords.insert(keyword)
        switch keyword {
        case "AUTH":
            for mechanism in words.dropFirst() where !mechanisms.contains(mechanism) { mechanisms.append(mechanism) }
        case "PIPELINING": hasPipelining = true
        case "8BITMIME": has8BitMIME = true
        case "SMTPUTF8": hasSMTPUTF8 = true
        case "SIZE":
            hasSize = true
            // 0 means no fixed limit (RFC 1870 §4).
            maximumSize = words.dropFirst().first.flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
        default: break
        }
    }
}
