/// What the server said before this connection was handed over: its greeting and its capabilities.
///
/// Bytes that the server sends behind the last line of its capabilities, in the same segment, are lost inside libcurl.
/// The first line that is read from the connection may therefore be the end of a line whose beginning is gone: a reader
/// skips untagged lines it does not know, as the protocols demand anyway.
public struct Preamble: Hashable, Sendable {
    /// The greeting, with its line ends. With STARTTLS it came in clear, and anybody on the way may have written it.
    public internal(set) var greeting: [UInt8] = []

    /// The complete lines of the reply to CAPABILITY, CAPA or EHLO, with their line ends. With STARTTLS only the reply
    /// that came inside TLS. The tag of IMAP's last line is libcurl's.
    public internal(set) var capabilities: [UInt8] = []

    public init(greeting: [UInt8] = [], capabilities: [UInt8] = []) {
        self.greeting = greeting
        self.capabilities = capabilities
    }
}
