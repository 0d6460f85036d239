import Diagnostics

/// A proxy that connections take, ready to be used: its password is known.
public struct Proxy: Hashable, Sendable {
    /// `http://`, `https://` or `socks5://` with host and port, without user and password.
    public var url: String
    public var user: String?
    public var password: Secret?
    /// Hosts reached without the proxy; `example.org` stands for the hosts below it too, `*` for all.
    public var except: [String]

    public init(url: String, user: String? = nil, password: Secret? = nil, except: [String] = []) {
        self.url = url
        self.user = user
        self.password = password
        self.except = except
    }

    /// Whether a connection to `host` takes this proxy.
    func serves(_ host: String) -> Bool {
        let host = Proxy.comparable(host)
        return !except.contains { exception in
            let exception = Proxy.comparable(exception)
            return exception == "*" || host == exception || host.hasSuffix("." + exception)
        }
    }

    /// Lower case, without brackets, leading or trailing dot.
    private static func comparable(_ host: String) -> String {
        let text = host.lowercased()
        guard let start = text.firstIndex(where: { !".[".contains($0) }),
            let end = text.lastIndex(where: { !".]".contains($0) })
        else { return "" }
        return String(text[start...end])
    }

    // The password is left out: equal proxies have equal hashes all the same.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(url)
        hasher.combine(user)
        hasher.combine(except)
    }
}
