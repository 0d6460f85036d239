/// A proxy that all connections take, except those to the hosts of `except`.
public struct ProxySettings: Hashable, Sendable {
    /// `http://`, `https://` or `socks5://` with host and port, without user and password.
    public var url: String
    public var user: String?
    public var password: SecretSource?
    /// Host names; `example.org` stands for the hosts below it too.
    public var except: [String]

    public init(url: String, user: String? = nil, password: SecretSource? = nil, except: [String] = []) {
        self.url = url
        self.user = user
        self.password = password
        self.except = except
    }
}
