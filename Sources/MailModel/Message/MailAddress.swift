/// The address of a mailbox (addr-spec, RFC 5322 §3.4.1).
public struct MailAddress: Hashable, Sendable, CustomStringConvertible {
    /// Without quoting.
    public var localPart: String
    /// As written; empty for an address that names only a local user. A literal keeps its brackets.
    public var domain: String

    public init(localPart: String, domain: String) {
        self.localPart = localPart
        self.domain = domain
    }

    /// Reads one address, with or without a display name; `nil` when `text` is anything else.
    public init?(_ text: String) {
        let list = AddressList(Array(text.utf8))
        guard list.entries.count == 1, list.unreadable.isEmpty else { return nil }
        self = list.entries[0].address
    }

    /// The address as the protocols write it, quoted where it must be (RFC 5321 §4.1.2).
    public var description: String {
        domain.isEmpty ? quotedLocalPart : "\(quotedLocalPart)@\(domain)"
    }

    /// For comparing whether two addresses name the same mailbox: in practice case never matters.
    public var folded: String { description.lowercased() }

    /// An address that only servers with SMTPUTF8 take (RFC 6531 §3.1).
    public var isInternationalized: Bool { !(localPart + domain).utf8.allSatisfy { $0 < 0x80 } }

    /// What keeps the address from being written into a command; `nil` when nothing does.
    public var defect: String? {
        if domain.isEmpty { return "has no domain" }
        if localPart.isEmpty { return "has no local part" }
        if localPart.utf8.count > Limits.localPart {
            return "has a local part of more than \(Limits.localPart) octets"
        }
        if domain.utf8.count > Limits.domain { return "has a domain of more than \(Limits.domain) octets" }
        if localPart.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "holds a control character" }
        if !domain.utf8.allSatisfy(MailAddress.mayBeInDomain) { return "has a domain with characters that none has" }
        return nil
    }

    private static func mayBeInDomain(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte.isASCIILetter || byte.isASCIIDigit || ".-_[]:".utf8.contains(byte)
    }

    private var quotedLocalPart: String {
        let atoms = localPart.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        if atoms.allSatisfy({ !$0.isEmpty && $0.allSatisfy(MailAddress.isAtomText) }) { return localPart }
        var quoted: [UInt8] = [UInt8(ascii: "\"")]
        for byte in localPart.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { quoted.append(UInt8(ascii: "\\")) }
            quoted.append(byte)
        }
        return String(decoding: quoted + [UInt8(ascii: "\"")], as: UTF8.self)
    }

    /// atext (RFC 5322 §3.2.3), with the non-ASCII characters of RFC 6532 §3.2.
    static func isAtomText(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte.isASCIILetter || byte.isASCIIDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }
}
