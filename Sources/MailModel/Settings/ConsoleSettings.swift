/// The web console's listener, and how people reach it.
public struct ConsoleSettings: Hashable, Sendable {
    /// An address of this machine alone, with a port.
    public var listen: String
    /// `SCHEME://HOST` or `SCHEME://HOST:PORT`, https except on loopback.
    public var publicURL: String?
    /// Whose word on where a request came from counts.
    public var trustedProxies: [IPNetwork] = []

    public init(listen: String) { self.listen = listen }
}
