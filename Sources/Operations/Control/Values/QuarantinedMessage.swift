/// A message on the server that could not be read, and stepped aside.
public struct QuarantinedMessage: Codable, Hashable, Sendable {
    public var id: String
    public var account: String
    public var folder: String
    public var uid: UInt32
    /// How often it was asked for in vain.
    public var attempts: Int
    /// Why, the last time.
    public var reason: String
    /// Path of the bytes that the server gave in its place; `nil`: it gave none.
    public var file: String?

    public init(
        id: String, account: String, folder: String, uid: UInt32, attempts: Int, reason: String, file: String? = nil
    ) {
        self.id = id
        self.account = account
        self.folder = folder
        self.uid = uid
        self.attempts = attempts
        self.reason = reason
        self.file = file
    }
}

/// A part of the quarantine, oldest first.
public struct QuarantinePage: Codable, Hashable, Sendable {
    public var messages: [QuarantinedMessage]
    /// Given back as `after` it brings the next part; absent on the last.
    public var next: String?

    public init(messages: [QuarantinedMessage], next: String? = nil) {
        self.messages = messages
        self.next = next
    }
}
