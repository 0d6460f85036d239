import MailModel

/// A server's reply, of one or many lines (RFC 5321 §4.2).
public struct SMTPReply: Hashable, Sendable {
    public var code: Int
    /// The text of each line, without the code.
    public var lines: [String]
    /// Servers send enhanced codes without being asked (RFC 2034 §3).
    public var enhanced: EnhancedStatus?

    public init(code: Int, lines: [String]) {
        self.code = code
        self.lines = lines
        enhanced = lines.lazy.compactMap { EnhancedStatus(prefixOf: $0) }.first
    }

    /// 2yz: done.
    public var isPositive: Bool { code / 100 == 2 }
    /// 3yz: go on.
    public var isIntermediate: Bool { code / 100 == 3 }
    /// 4yz: not now.
    public var isTransient: Bool { code / 100 == 4 }
    /// 5yz: not so.
    public var isPermanent: Bool { code / 100 == 5 }

    /// What the lines say, without the enhanced code that may stand in each.
    public var text: String {
        lines.map { line in
            guard EnhancedStatus(prefixOf: line) != nil else { return line[...] }
            return line.drop { !$0.isWhitespace }.drop { $0.isWhitespace }
        }.filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// The reply on one line, for people: `550 5.1.1 No such user`.
    public var serverLine: String {
        let parts = ["\(code)", enhanced?.description ?? "", text].filter { !$0.isEmpty }
        let line = parts.joined(separator: " ").unicodeScalars.map {
            $0.properties.generalCategory == .control ? " " : $0
        }
        return String(String(String.UnicodeScalarView(line)).prefix(SMTPLimits.serverLine))
    }
}
