/// A proxy that all connections take, except those to the hosts of `except`.
public struct ProxySettings: Hashable, Sendable {
    /// `http://`, `https://` or `socks5://`, with user and password where the proxy wants them.
    public var url: String
    public var except: [String]

    public init(url: String, except: [String] = []) {
        self.url = url
        self.except = except
    }
}
