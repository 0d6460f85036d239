import Diagnostics

/// What is kept of a message so that it is recognised when its mailbox has moved.
public struct MessageIdentity: Hashable, Sendable {
    public var key: IdentityKey
    public var messageID: MessageID?
    public var date: Timestamp?
    /// Tells apart the copies that came through a list and directly.
    public var listID: String?
    /// Tells apart the copies that came for different addresses.
    public var deliveredTo: String?

    public init(_ headers: MessageHeaders) {
        let messageID = headers.messageID
        let date = headers.date
        key = messageID.map { IdentityKey(messageID: $0, date: date) } ?? IdentityKey(headers)
        self.messageID = messageID
        self.date = date
        listID = headers.listID
        deliveredTo = headers.deliveredTo
    }

    public init(
        key: IdentityKey, messageID: MessageID? = nil, date: Timestamp? = nil, listID: String? = nil,
        deliveredTo: String? = nil
    ) {
        self.key = key
        self.messageID = messageID
        self.date = date
        self.listID = listID
        self.deliveredTo = deliveredTo
    }
}
