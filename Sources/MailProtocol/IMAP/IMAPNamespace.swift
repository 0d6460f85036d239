/// Where mailboxes live on the server (RFC 2342 §5).
public struct IMAPNamespace: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        /// As it stands before mailbox names.
        public var prefix: IMAPMailboxName
        public var delimiter: UInt8?

        public init(prefix: IMAPMailboxName, delimiter: UInt8?) {
            self.prefix = prefix
            self.delimiter = delimiter
        }
    }

    public var personal: [Entry]
    public var otherUsers: [Entry]
    public var shared: [Entry]

    public init(personal: [Entry] = [], otherUsers: [Entry] = [], shared: [Entry] = []) {
        self.personal = personal
        self.otherUsers = otherUsers
        self.shared = shared
    }
}
