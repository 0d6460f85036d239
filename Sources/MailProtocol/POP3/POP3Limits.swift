/// What a server may send, and how much is asked of it at once.
public enum POP3Limits {
    /// Octets of a status line, with its line end; RFC 2449 §4 says 512. A SASL challenge has up to 12,288.
    static let statusLine = 16 * 1024
    /// Octets of a line in a list.
    static let listLine = 2048
    /// Messages in a mailbox.
    static let messages = 5_000_000
    /// Lines of the reply to CAPA.
    static let capabilities = 200
    /// Lines that may be left over from the connection's beginning.
    static let leftovers = 64
    /// Characters of a unique-id. RFC 1939 §7 says 70 and servers exceed it.
    static let uniqueID = 512
    /// Commands on their way without a reply, where the server has PIPELINING.
    static let commandsAtOnce = 32
    /// Characters kept of a reply for people to read.
    static let serverLine = 1000
}
