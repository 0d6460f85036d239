/// What is asked of a POP3 server once the sign-in is done (RFC 1939 §5 to §7).
public enum POP3Command: Hashable, Sendable {
    case capa, stat, list, uidl, noop
    /// Forgets the deletions of this session.
    case rset
    case retr(POP3MessageNumber)
    /// The header and so many lines of the body.
    case top(POP3MessageNumber, lines: Int)
    /// Marks for deletion, which happens at `quit` and only then.
    case dele(POP3MessageNumber)
    /// Deletes what is marked, and says good-bye.
    case quit

    var line: String {
        switch self {
        case .capa: "CAPA"
        case .stat: "STAT"
        case .list: "LIST"
        case .uidl: "UIDL"
        case .noop: "NOOP"
        case .rset: "RSET"
        case .retr(let number): "RETR \(number)"
        case .top(let number, let lines): "TOP \(number) \(lines)"
        case .dele(let number): "DELE \(number)"
        case .quit: "QUIT"
        }
    }

    /// Whether lines follow `+OK`, up to one with only a dot (RFC 1939 §3).
    var isMultiline: Bool {
        switch self {
        case .capa, .list, .uidl, .retr, .top: true
        case .stat, .noop, .rset, .dele, .quit: false
        }
    }

    /// Its name alone, for people.
    public var name: String { String(line.prefix { $0 != " " }) }
}
