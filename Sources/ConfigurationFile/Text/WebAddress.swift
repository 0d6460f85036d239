import Diagnostics

/// An absolute URL with a host, in its parts (RFC 3986 §3).
struct WebAddress {
    var scheme: String
    var user: String?
    var password: Secret?
    var host: Host
    var port: Int?
    /// Path and query, empty or beginning with `/` or `?`.
    var rest: Substring

    /// Where proxies listen whose URL names no port, as curl has it.
    static let proxyPort = 1080

    /// `nil` when `text` is not such a URL, or has a fragment.
    init?(_ text: String) {
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"\"<>\\^`{|}#".utf8.contains($0) }),
            let schemeEnd = text.firstRange(of: "://")
        else { return nil }
        scheme = text[..<schemeEnd.lowerBound].lowercased()
        let afterScheme = text[schemeEnd.upperBound...]
        let authority = afterScheme.prefix { $0 != "/" && $0 != "?" }
        rest = afterScheme[authority.endIndex...]
        var hostAndPort = authority
        if let at = authority.lastIndex(of: "@") {
            hostAndPort = authority[authority.index(after: at)...]
            let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = WebAddress.decoded(parts[0])
            password = parts.count > 1 ? WebAddress.decoded(parts[1]).map { Secret($0) } : nil
            guard user != nil, (password != nil) == (parts.count > 1) else { return nil }
        }
        guard let (host, port) = WebAddress.split(hostAndPort) else { return nil }
        (self.host, self.port) = (host, port)
    }

    /// `HOST`, `HOST:PORT`, `[IPv6]` or `[IPv6]:PORT`.
    static func split(_ text: Substring) -> (Host, Int?)? {
        var hostText = text
        var port: Int?
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            guard let number = Int(digits: String(text[text.index(after: colon)...])), (1...65535).contains(number)
            else {
                return nil
            }
            (hostText, port) = (text[..<colon], number)
        }
        // An IPv6 address without brackets is ambiguous in front of a port.
        guard let host = Host(String(hostText)), hostText.hasPrefix("[") == host.text.contains(":") else {
            return nil
        }
        return (host, port)
    }

    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else {
                return nil
            }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension Wanted where Result == String {
    /// An https URL, or http on loopback. The value is not repeated in errors: a URL may hold a password.
    static var url: Wanted {
        Wanted(words: "an https URL without user and fragment (http only on loopback)", isSecret: true) { scalar in
            guard let address = WebAddress(scalar.text), address.user == nil else { return nil }
            let isAllowed = address.scheme == "https" || (address.scheme == "http" && address.host.isLoopback)
            return isAllowed ? scalar.text : nil
        }
    }
}

extension Wanted where Result == String {
    /// Where a site begins, without the slash at its end.
    static var origin: Wanted {
        Wanted(words: "an https URL of a host without a path (http only on loopback)", isSecret: true) { scalar in
            guard let text = url.read(scalar), let address = WebAddress(text), ["", "/"].contains(address.rest) else {
                return nil
            }
            return String(text.dropLast(address.rest.count)).lowercased()
        }
    }
}

extension Wanted where Result == WebAddress {
    static var proxyURL: Wanted {
        Wanted(words: "an http://, https:// or socks5:// URL of a host and port", isSecret: true) { scalar in
            guard let address = WebAddress(scalar.text), ["http", "https", "socks5"].contains(address.scheme),
                address.rest.isEmpty || address.rest == "/"
            else { return nil }
            return address
        }
    }
}
