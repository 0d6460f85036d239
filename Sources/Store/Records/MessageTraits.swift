import Crypto
import Diagnostics
import MailModel

/// What tells one message from another, as far as it is known.
public struct MessageTraits: Hashable, Sendable {
    public var identity: IdentityKey?
    /// The Date field, to the second in UTC.
    public var date: Timestamp?
    /// A hash of the Message-ID alone: anchors are compared by it and the date.
    public var messageIDHash: [UInt8]?
    /// Tie-breakers among messages with one identity: a list's copy and the direct one.
    public var listIDHash: [UInt8]?
    public var deliveredToHash: [UInt8]?
    /// EMAILID (RFC 8474 §5.1) or X-GM-MSGID as text.
    public var serverID: String?
    /// Octets as the server says, which may be an estimate.
    public var serverSize: Int64?

    public init(
        identity: IdentityKey? = nil, date: Timestamp? = nil, messageIDHash: [UInt8]? = nil,
        listIDHash: [UInt8]? = nil, deliveredToHash: [UInt8]? = nil, serverID: String? = nil, serverSize: Int64? = nil
    ) {
        self.identity = identity
        self.date = date
        self.messageIDHash = messageIDHash
        self.listIDHash = listIDHash
        self.deliveredToHash = deliveredToHash
        self.serverID = serverID
        self.serverSize = serverSize
    }
}

extension MessageTraits {
    /// What is kept of `identity`: hashes, no text of the message.
    ///
    /// - Parameter serverID: EMAILID or X-GM-MSGID, where the server has one.
    public init(_ identity: MessageIdentity?, serverID: String? = nil, serverSize: Int64? = nil) {
        self.init(
            identity: identity?.key, date: identity?.date,
            messageIDHash: identity?.messageID.map { MessageTraits.hash($0.text) },
            listIDHash: identity?.listID.map(MessageTraits.hash),
            deliveredToHash: identity?.deliveredTo.map(MessageTraits.hash), serverID: serverID, serverSize: serverSize
        )
    }

    /// Whether these traits and `other` cannot be of one message: a Message-ID or date that both have differs.
    ///
    /// What one side does not have proves nothing: Exchange adds a Message-ID where there was none.
    public func contradicts(_ other: MessageTraits) -> Bool {
        if let mine = messageIDHash, let its = other.messageIDHash, mine != its { return true }
        if let mine = date, let its = other.date, mine.seconds != its.seconds { return true }
        return false
    }

    /// Whether a message with these traits and one with `other` are different copies of what has one identity: one came
    /// through a list, or they were delivered to different addresses. A sender's two copies are two messages.
    public func isOtherCopy(than other: MessageTraits) -> Bool {
        // A list adds its field to every copy, so that its absence says as much; Delivered-To is added by some hosts only.
        if listIDHash != other.listIDHash { return true }
        guard let mine = deliveredToHash, let its = other.deliveredToHash else { return false }
        return mine != its
    }

    /// Sixteen octets are plenty to tell apart the few messages that are compared.
    private static func hash(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8)).prefix(16)) }
}
