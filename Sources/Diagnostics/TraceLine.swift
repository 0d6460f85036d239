/// One line of what Postbote and a server said to each other, fit to be shown.
public struct TraceLine: Hashable, Sendable {
    public enum Speaker: String, Sendable, CaseIterable {
        case client, server
        /// Not said by anybody: what became of a connection, or of the trace.
        case postbote
    }

    public var time: Timestamp
    public var speaker: Speaker
    /// `imap`, `pop3`, `smtp` or `token`; `nil`: it is about the whole trace.
    public var service: String?
    /// Tells the connections and token requests of one account apart; counted since the daemon started.
    public var connection: Int?
    /// Without control characters, of a bounded length.
    public let text: String

    public init(
        time: Timestamp, _ speaker: Speaker, service: String? = nil, connection: Int? = nil, text: String
    ) {
        self.time = time
        self.speaker = speaker
        self.service = service
        self.connection = connection
        self.text = TraceLine.printable(text)
    }

    /// A server must not write to an administrator's terminal: what steers one is written as its number.
    private static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars
        var shown = String.UnicodeScalarView()
        for scalar in scalars.prefix(Limits.traceText) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
                shown.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
            default: shown.append(scalar)
            }
        }
        let left = scalars.dropFirst(Limits.traceText).count
        return String(shown) + (left > 0 ? "… [\(left) more characters]" : "")
    }
}
