/// What can be said of a host's name or address without asking anybody.
enum HostName {
    /// Whether `name` can stand in a URL without changing what the URL means. International names pass.
    static func isPlausible(_ name: String) -> Bool {
        guard (1...255).contains(name.utf8.count) else { return false }
        return name.unicodeScalars.allSatisfy { scalar in
            guard scalar.isASCII else { return true }
            return ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
                || "-._:[]".unicodeScalars.contains(scalar)
        }
    }

    /// Whether `host` is this machine and nothing else, by its name or number (RFC 6761 §6.3, RFC 1122 §3.2.1.3).
    static func isLoopback(_ host: String) -> Bool {
        let name = withoutBrackets(host).lowercased()
        if name == "localhost" || name == "::1" { return true }
        let octets = name.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }

    /// As it stands in a URL: a numeric IPv6 address in brackets.
    static func inURL(_ host: String) -> String {
        host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host
    }

    private static func withoutBrackets(_ host: String) -> Substring {
        host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : Substring(host)
    }
}
