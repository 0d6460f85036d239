/// Where fetched mail is put.
public struct Destination: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case maildir(MaildirSettings)
        /// Header values may hold a token, so they are secrets.
        case webhook(url: String, secret: SecretSource?, headers: [String: SecretSource])
        case lmtp(address: String, recipient: String)
        case pipe(command: [String], timeout: Duration)
    }

    public var name: DestinationName
    public var kind: Kind

    public init(name: DestinationName, kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

public struct MaildirSettings: Hashable, Sendable {
    /// With the placeholders `{account}`, `{address}` and `{folder}` still in it.
    public var path: String
    /// A group that new files belong to, by name.
    public var group: String?
    /// Permission bits of new files; directories get the search bits besides.
    public var mode: UInt32

    public init(path: String, group: String? = nil, mode: UInt32 = 0o600) {
        self.path = path
        self.group = group
        self.mode = mode
    }
}
