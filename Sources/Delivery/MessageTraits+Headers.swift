import MailModel
import Store

extension MessageTraits {
    /// What the ledger keeps of a message to know it again after a move.
    public init(
        _ headers: MessageHeaders, emailID: String? = nil, gmailMessageID: UInt64? = nil, serverSize: Int64? = nil
    ) {
        let messageID = headers.messageID
        let date = headers.date
        self.init(
            identity: messageID.map { IdentityKey(messageID: $0, date: date) } ?? IdentityKey(headers), date: date,
            messageIDHash: messageID.map { MessageTraits.hash(of: $0) },
            listIDHash: headers.listID.map(MessageTraits.shortHash),
            deliveredToHash: headers.deliveredTo.map(MessageTraits.shortHash),
            serverID: emailID ?? gmailMessageID.map { "x-gm-msgid:\($0)" }, serverSize: serverSize)
    }

    /// A Message-ID as `messageIDHash` keeps it.
    public static func hash(of messageID: MessageID) -> [UInt8] { IdentityKey(messageID: messageID, date: nil).bytes }

    /// 8 octets tell the few copies of one message apart.
    private static func shortHash(_ text: String) -> [UInt8] {
        var hash = ContentHash.Stream()
        hash.push(Array(text.utf8)[...])
        return Array(hash.finish().bytes.prefix(8))
    }
}
