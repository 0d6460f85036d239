import MailModel

/// Where a request came from. `X-Forwarded-For` counts only as far as those who wrote it are trusted: each proxy adds whom
/// it was connected to at the right end, and whatever stands left of the first stranger could be made up.
enum ClientAddress {
    /// - Parameters:
    ///   - peer: the other end of the connection.
    ///   - forwarded: the values of `X-Forwarded-For`, in the order of the header.
    static func of(_ peer: IPAddress?, forwarded: [String], trusted: [IPNetwork]) -> IPAddress? {
        func isTrusted(_ address: IPAddress) -> Bool { trusted.contains { $0.contains(address) } }
        guard var client = peer, isTrusted(client) else { return peer }
        let hops = forwarded.flatMap { $0.split(separator: ",") }.suffix(Limits.forwardedHops)
        for hop in hops.reversed() {
            // What cannot be read was not written by a proxy that is trusted.
            guard let address = address(hop.trimmed) else { return client }
            client = address
            guard isTrusted(client) else { return client }
        }
        return client
    }

    /// Some proxies write the port, too.
    private static func address(_ text: Substring) -> IPAddress? {
        if let address = IPAddress(text) { return address }
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            return IPAddress(text[text.index(after: text.startIndex)..<end])
        }
        guard let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon else { return nil }
        return IPAddress(text[..<colon])
    }
}

extension Substring {
    /// Without blanks around it.
    var trimmed: Substring {
        var text = self
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
