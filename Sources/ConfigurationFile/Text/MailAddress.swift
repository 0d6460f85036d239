/// A mail address as a configuration names it: `local@domain`, no quoted local part, no comment, no display name.
struct MailAddress {
    /// With the domain in lower case; the local part as it is written (RFC 5321 §2.4).
    let text: String

    init?(_ text: String) {
        guard let at = text.lastIndex(of: "@") else { return nil }
        let local = text[..<at]
        let domain = text[text.index(after: at)...]
        guard MailAddress.isLocalPart(local), MailAddress.isDomain(domain) else { return nil }
        self.text = "\(local)@\(domain.lowercased())"
    }

    /// Dot-string (RFC 5321 §4.1.2), with UTF-8 (RFC 6531 §3.3).
    private static func isLocalPart(_ local: Substring) -> Bool {
        guard (1...64).contains(local.utf8.count), !local.hasPrefix("."), !local.hasSuffix("."), !local.contains("..")
        else { return false }
        return local.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII
                ? scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || "!#$%&'*+-/=?^_`{|}~.".unicodeScalars.contains(scalar)
                : !scalar.properties.isWhitespace && !scalar.isControl
        }
    }

    private static func isDomain(_ domain: Substring) -> Bool {
        if let host = Host(String(domain)) { return !host.isAddress }
        let isInternational = domain.unicodeScalars.contains { !$0.isASCII }
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        return isInternational && domain.utf8.count <= 255
            && labels.allSatisfy { label in
                !label.isEmpty
                    && label.unicodeScalars.allSatisfy {
                        $0 == "-" || $0.properties.isAlphabetic || $0.properties.numericType != nil
                    }
            }
    }
}

extension Wanted where Result == MailAddress {
    static var address: Wanted { Wanted(words: "a mail address such as info@example.org") { MailAddress($0.text) } }
}
