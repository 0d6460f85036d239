/// Which part of a message a `BODY[…]` names (RFC 3501 §6.4.5), apart from the whole of it.
public struct IMAPSection: Hashable, Sendable, CustomStringConvertible {
    /// What stands between the brackets, in upper case and without quotes: `HEADER`, `HEADER.FIELDS (DATE MESSAGE-ID)`,
    /// `1.MIME`. RFC822.HEADER and RFC822.TEXT are `HEADER` and `TEXT`.
    public var name: String

    public init(_ name: String) { self.name = name }

    public static let header = IMAPSection("HEADER")
    public static let text = IMAPSection("TEXT")
    /// Some fields of the header. Servers repeat the names as they like: compare with `isHeaderFields`.
    public static func headerFields(_ names: [String]) -> IMAPSection {
        IMAPSection("HEADER.FIELDS (" + names.map { $0.uppercased() }.joined(separator: " ") + ")")
    }

    public var isHeaderFields: Bool { name.hasPrefix("HEADER.FIELDS ") }

    public var description: String { "BODY[\(name)]" }

    /// A section of a message as it came.
    public struct Content: Hashable, Sendable {
        public var section: IMAPSection
        public var origin: UInt32?
        /// The octets, cut at `IMAPLimits.section`. `nil` where the server said NIL.
        public var bytes: [UInt8]?
        /// How many octets the server sent.
        public var octets: Int

        public init(section: IMAPSection, origin: UInt32? = nil, bytes: [UInt8]?, octets: Int? = nil) {
            self.section = section
            self.origin = origin
            self.bytes = bytes
            self.octets = octets ?? bytes?.count ?? 0
        }

        public var isCut: Bool { octets > bytes?.count ?? 0 }
    }
}
