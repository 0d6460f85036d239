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
            messageIDHash: messageID.map { IdentityKey(messageID: $0, date: nil).bytes },
            listIDHash: headers.listID.map(MessageTraits.shortHash),
            deliveredToHash: headers.deliveredTo.map(MessageTraits.shortHash),
            serverID: emailID ?? gmailMessageID.map { "x-gm-msgid:\($0)" }, serverSize: serverSize)
    }

    /// 8 octets tell the few copies of one message apart.
    private static func shortHash(_ text: String) -> [UInt8] {
        var hash = ContentHash.Stream()
        hash.push(Array(text.utf8)[...])
        return Array(hash.finish().bytes.prefix(8))
    }
}
