/// What an IMAP server may send before the connection is closed, and what is sent to it.
public struct IMAPLimits: Sendable, Equatable {
    /// Octets of a line, its literals not counted. SEARCH results are not bound by it: they are read as they come.
    public var line = 65_536
    /// Octets of a line that holds a UID set (ESEARCH, VANISHED).
    public var setLine = 4_194_304
    /// Octets of a response with the literals that are kept, such as mailbox names in LIST.
    public var response = 262_144
    /// Literals kept in one response.
    public var literals = 256
    /// Octets kept of a `BODY[…]` section other than the whole message; what is behind them is dropped.
    public var section = 262_144
    /// Sections kept of one message.
    public var sections = 32
    /// Octets of one whole message.
    public var message = 4_294_967_296
    /// How deep parentheses may nest.
    public var nesting = 128
    /// Names in a CAPABILITY or ENABLED response.
    public var capabilities = 512
    /// Flags, keywords, labels or attributes in one list.
    public var listElements = 1_024
    /// Numbers in a SEARCH response.
    public var searchResults = 10_000_000
    /// Lines in a row that are no IMAP; Exchange is known to send some.
    public var garbledLines = 64

    public init() {}

    /// Octets of a command line (RFC 2683 §3.2.1.5).
    public static let commandLine = 1_000
    /// Octets of an AUTHENTICATE line with its initial response; a longer one goes in two steps. The least that
    /// RFC 2683 §3.2.1.5 asks of a server, and Exchange closes at 10,240.
    public static let authenticateLine = 8_000
    /// Octets of a string that is sent quoted; a longer one goes as a literal.
    public static let quoted = 256
    /// Octets of a literal sent without waiting where the server has LITERAL- (RFC 7888 §5).
    public static let smallLiteral = 4_096
    /// Commands in flight and waiting on one connection.
    public static let pipeline = 1_024
}
