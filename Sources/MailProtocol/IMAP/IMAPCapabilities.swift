/// What a server says it can do (RFC 3501 §7.2.1). Before and after sign-in these differ.
public struct IMAPCapabilities: Hashable, Sendable {
    /// In upper case, as advertised: `IMAP4REV1`, `AUTH=XOAUTH2`, `LITERAL-`.
    public private(set) var names: Set<String>

    public init(_ names: some Sequence<String> = []) { self.names = Set(names.map { $0.uppercased() }) }

    public func contains(_ name: String) -> Bool { names.contains(name) }

    /// The SASL mechanisms offered.
    public var authentication: [String] {
        names.filter { $0.hasPrefix("AUTH=") }.map { String($0.dropFirst(5)) }.sorted()
    }

    /// RFC 4959: the first SASL message may come with the command.
    public var hasInitialResponse: Bool { contains("SASL-IR") }
    /// The LOGIN command is refused.
    public var isLoginDisabled: Bool { contains("LOGINDISABLED") }
    public var hasIdle: Bool { contains("IDLE") }
    public var hasMove: Bool { contains("MOVE") || isRevision2 }
    public var hasUIDPlus: Bool { contains("UIDPLUS") || isRevision2 }
    /// LIST tells roles, and can be asked for them (RFC 6154).
    public var hasSpecialUse: Bool { contains("SPECIAL-USE") }
    public var hasListExtended: Bool { contains("LIST-EXTENDED") }
    public var hasListStatus: Bool { contains("LIST-STATUS") }
    public var hasExtendedSearch: Bool { contains("ESEARCH") }
    public var hasCondStore: Bool { contains("CONDSTORE") || contains("QRESYNC") }
    public var hasObjectID: Bool { contains("OBJECTID") }
    public var hasID: Bool { contains("ID") }
    public var hasNamespace: Bool { contains("NAMESPACE") || isRevision2 }
    public var hasUnselect: Bool { contains("UNSELECT") || isRevision2 }
    public var isGmail: Bool { contains("X-GM-EXT-1") }

    /// How string literals go to this server.
    public var literals: IMAPLiterals {
        if contains("LITERAL+") { return .nonSynchronizing }
        return contains("LITERAL-") ? .nonSynchronizingSmall : .synchronizing
    }

    /// Only where revision 1 is not offered beside it: revision 2 is never enabled here, because Exchange's was seen
    /// broken, so a server that has both speaks revision 1 (RFC 9051 appendix A).
    private var isRevision2: Bool { contains("IMAP4REV2") && !contains("IMAP4REV1") }
}

extension IMAPCapabilities: CustomStringConvertible {
    public var description: String { names.sorted().joined(separator: " ") }
}

/// How the client may send literals.
public enum IMAPLiterals: Sendable, Hashable {
    /// Each waits for the server's `+` (RFC 3501 §7.5).
    case synchronizing
    /// LITERAL-: at most 4,096 octets without waiting (RFC 7888 §5).
    case nonSynchronizingSmall
    /// LITERAL+: never wait.
    case nonSynchronizing
}
