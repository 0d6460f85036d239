/// The web console's listener.
public struct ConsoleSettings: Hashable, Sendable {
    public var listen: String
    public var publicURL: String?
    public var trustedProxies: [String] = []
    public var tls: ListenerTLS?

    public init(listen: String) { self.listen = listen }
}
