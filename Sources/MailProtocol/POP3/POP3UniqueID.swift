/// The name of a message that stays from session to session (unique-id, RFC 1939 §7).
///
/// Two messages can have the same: identical copies may, and servers without a better idea use a hash.
public struct POP3UniqueID: Hashable, Sendable, CustomStringConvertible {
    public let text: String

    /// `nil` for anything but visible ASCII characters, or for too many of them.
    public init?(_ text: String) {
        guard (1...POP3Limits.uniqueID).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.text = text
    }

    public var description: String { text }
}
