/// How a mail server is reached.
public struct Endpoint: Hashable, Sendable {
    public enum TLSMode: String, Sendable, CaseIterable {
        /// TLS from the first byte (RFC 8314).
        case implicit
        /// STARTTLS or STLS, required: a server that does not offer it is refused.
        case starttls
        /// In clear, for loopback only.
        case none
    }

    public var host: String
    public var port: Int
    public var tls: TLSMode

    public init(host: String, port: Int, tls: TLSMode) {
        self.host = host
        self.port = port
        self.tls = tls
    }
}
