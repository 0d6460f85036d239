/// The parameters with which a provider sends a browser back (RFC 6749 §4.1.2).
public struct RedirectParameters: Sendable {
    private var values: [String: String] = [:]

    /// - Parameter query: without its `?`, form-encoded (RFC 6749 appendix B).
    public init(query: some StringProtocol) {
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let name = RedirectParameters.decode(parts[0])
            // Not more than once (RFC 6749 §3.1); the first one counts.
            guard values[name] == nil else { continue }
            values[name] = parts.count > 1 ? RedirectParameters.decode(parts[1]) : ""
        }
    }

    /// `nil` for one that is missing or empty.
    public subscript(name: String) -> String? { values[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// A `%` that escapes nothing stays as it is.
    private static func decode(_ text: some Sequence<UInt8>) -> String {
        var decoded: [UInt8] = []
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "+") {
                decoded.append(UInt8(ascii: " "))
            } else if byte == UInt8(ascii: "%"), rest.count >= 2,
                let escaped = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                decoded.append(escaped)
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return String(decoding: decoded, as: UTF8.self)
    }
}
