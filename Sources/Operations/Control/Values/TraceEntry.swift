import Diagnostics

/// One line of a trace.
public struct TraceEntry: Codable, Hashable, Sendable {
    /// RFC 3339 in UTC, to the millisecond.
    public var time: String
    public var speaker: Speaker
    /// `imap`, `pop3`, `smtp` or `token`; none where it is about the whole trace.
    public var service: String?
    /// Tells the account's connections and token requests apart.
    public var connection: Int?
    public var text: String

    public enum Speaker: String, Codable, Sendable, CaseIterable { case client, server, postbote }

    public init(_ line: TraceLine) {
        let milliseconds = String(line.time.milliseconds - line.time.seconds * 1000)
        let zeros = String(repeating: "0", count: 3 - milliseconds.count)
        time = "\(line.time.description.dropLast()).\(zeros)\(milliseconds)Z"
        speaker =
            switch line.speaker {
            case .client: .client
            case .server: .server
            case .postbote: .postbote
            }
        service = line.service
        connection = line.connection
        text = line.text
    }
}
