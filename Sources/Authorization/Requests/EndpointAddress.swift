/// An address that a provider or a key file names, before anything is sent there.
enum EndpointAddress {
    /// Whether what is sent there is read by nobody on the way: https, or http on this machine.
    ///
    /// - Parameter loopback: whether this machine may be meant: only by who is on it.
    static func isSafe(_ address: String, loopback: Bool = true) -> Bool {
        guard address.utf8.count <= Limits.address, address.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let scheme = address.firstRange(of: "://")
        else { return false }
        let authority = address[scheme.upperBound...].prefix { !"/?#".contains($0) }
        guard !authority.isEmpty, !authority.contains("@") else { return false }
        switch address[..<scheme.lowerBound].lowercased() {
        case "https": return true
        case "http": return loopback && authority.wholeMatch(of: /(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?/) != nil
        default: return false
        }
    }
}
