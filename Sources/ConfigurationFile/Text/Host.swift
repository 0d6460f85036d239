import Glibc

/// A host as a URL or a server setting names it: a DNS name or an IP address.
struct Host: Hashable {
    /// Without the brackets of an IPv6 address.
    let text: String
    let isLoopback: Bool

    /// `nil` unless `text` is a DNS name in ASCII (RFC 1123 §2.1), an IPv4 address, or an IPv6 address with or without brackets.
    init?(_ text: String) {
        let bare = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        if let bytes = Host.address(bare) {
            self.text = bare
            isLoopback = bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1]
            return
        }
        guard bare == text, Host.isName(text) else { return nil }
        self.text = text
        isLoopback = text.lowercased() == "localhost"
    }

    /// Whether this is an address and not a name.
    var isAddress: Bool { Host.address(text) != nil }

    private static func address(_ text: String) -> [UInt8]? {
        var four = [UInt8](repeating: 0, count: 4)
        if inet_pton(AF_INET, text, &four) == 1 { return four }
        var sixteen = [UInt8](repeating: 0, count: 16)
        return inet_pton(AF_INET6, text, &sixteen) == 1 ? sixteen : nil
    }

    private static func isName(_ text: String) -> Bool {
        let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...253).contains(text.utf8.count), labels.allSatisfy(isLabel) else { return false }
        // A name that ends in a number is a mistyped address (RFC 1123 §2.1).
        return labels.last?.contains { !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } == true
    }

    private static func isLabel(_ label: Substring.UTF8View) -> Bool {
        let hyphen = UInt8(ascii: "-")
        guard (1...63).contains(label.count), label.first != hyphen, label.last != hyphen else { return false }
        return label.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"), hyphen, UInt8(ascii: "_"): true
            default: false
            }
        }
    }
}

extension Wanted where Result == Host {
    static var host: Wanted { Wanted(words: "a host name or IP address") { Host($0.text) } }
}
