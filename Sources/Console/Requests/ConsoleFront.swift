import MailModel

/// How the pages are reached: from the configuration, and fixed for as long as the listener lives.
struct ConsoleFront: Sendable {
    /// `https://post.contoso.de`; `nil`: nobody but this machine.
    let origin: String?
    let trusted: [IPNetwork]
    /// The public URL's host, with and without the port that goes without saying; in lower case.
    private let authorities: Set<String>

    init(_ settings: ConsoleSettings) {
        origin = settings.publicURL
        trusted = settings.trustedProxies
        guard let origin, let mark = origin.firstRange(of: "://") else {
            authorities = []
            return
        }
        let authority = origin[mark.upperBound...].lowercased()
        let usual = origin.hasPrefix("https:") ? ":443" : ":80"
        let other = authority.hasSuffix(usual) ? String(authority.dropLast(usual.count)) : authority + usual
        authorities = [authority, other]
    }

    var isSecure: Bool { origin?.hasPrefix("https:") ?? false }

    /// Another name for our address is another site's script that asks (DNS rebinding). Proxies may pass on the name
    /// under which they reach us instead of their own.
    func isOurs(host: String?) -> Bool {
        guard let host = host?.lowercased() else { return false }
        return authorities.contains(host) || host.wholeMatch(of: /(localhost|127\.0\.0\.1|\[::1\])(:\d+)?/) != nil
    }

    /// Whether a form came from a page of ours, as far as the browser says (Fetch Metadata; RFC 6454 §7). `null` stands
    /// for a page that keeps its address to itself, as ours do.
    func isOurs(origin: String?, fetchSite: String?) -> Bool {
        guard fetchSite.map({ $0 == "same-origin" }) ?? true else { return false }
        guard let origin, origin != "null" else { return true }
        return origin.lowercased() == self.origin
    }
}
