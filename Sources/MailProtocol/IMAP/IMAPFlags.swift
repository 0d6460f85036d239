/// The flags of a message, or those a folder can keep (RFC 3501 §2.3.2).
public struct IMAPFlags: Hashable, Sendable {
    /// The flags that IMAP itself defines.
    public struct System: OptionSet, Hashable, Sendable {
        public let rawValue: UInt8
        public init(rawValue: UInt8) { self.rawValue = rawValue }

        public static let seen = System(rawValue: 1)
        public static let answered = System(rawValue: 2)
        public static let flagged = System(rawValue: 4)
        public static let deleted = System(rawValue: 8)
        public static let draft = System(rawValue: 16)
        public static let recent = System(rawValue: 32)
        /// `\*` in PERMANENTFLAGS: new keywords can be made.
        public static let any = System(rawValue: 64)
    }

    public var system: System
    /// Keywords such as `$Forwarded`, and flags with a backslash that are not known here.
    public var keywords: [String]

    public init(_ system: System = [], keywords: [String] = []) {
        self.system = system
        self.keywords = keywords
    }

    static let names: [(name: StaticString, flag: System)] = [
        ("\\Seen", .seen), ("\\Recent", .recent), ("\\Answered", .answered), ("\\Flagged", .flagged),
        ("\\Deleted", .deleted), ("\\Draft", .draft), ("\\*", .any),
    ]
}

extension IMAPFlags: CustomStringConvertible {
    /// As IMAP writes it: `(\Seen $Forwarded)`.
    public var description: String {
        let system = IMAPFlags.names.filter { self.system.contains($0.flag) }.map { "\($0.name)" }
        return "(" + (system + keywords).joined(separator: " ") + ")"
    }
}
