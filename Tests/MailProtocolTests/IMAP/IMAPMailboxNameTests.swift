import MailProtocol
import Testing

@Suite("Mailbox names")
struct IMAPMailboxNameTests {
    @Test(
        "Modified UTF-7 goes both ways",
        arguments: [
            ("INBOX", "INBOX"), ("", ""), ("Entwürfe", "Entw&APw-rfe"), ("a & b", "a &- b"), ("&", "&-"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("Gelöschte Elemente", "Gel&APY-schte Elemente"),
            ("📬", "&2D3c7A-"), ("a\tb", "a&AAk-b"), ("ä&ö", "&AOQ-&-&APY-"),
            ("Wiadomości-śmieci", "Wiadomo&AVs-ci-&AVs-mieci"),
        ])
    func roundTrip(text: String, encoded: String) {
        let named = IMAPMailboxName(text)
        let read = IMAPMailboxName(raw: Array(encoded.utf8))
        #expect(named.raw == Array(encoded.utf8))
        #expect(read.text == text)
        #expect(named == read)
    }

    @Test("Every character survives in every neighbourhood")
    func everyCharacter() {
        let scalars = stride(from: 1 as UInt32, to: 0x10FFFF, by: 97).compactMap(Unicode.Scalar.init)
        for scalar in scalars {
            let text = "a\(scalar)&\(scalar)\(scalar)b"
            #expect(
                IMAPMailboxName(raw: IMAPMailboxName(text).raw).text.unicodeScalars.elementsEqual(text.unicodeScalars)
            )
        }
    }

    @Test(
        "What no encoder writes is shown as it is and goes back unchanged",
        arguments: [
            "a&b", "a&", "&AOQ", "&AOQ=-", "&AO/-", "&A-", "&2D0-", "&3Kw-", "&AAAA-", "Entwürfe", "\u{1}", "a\tb",
        ])
    func invalid(text: String) {
        let name = IMAPMailboxName(raw: Array(text.utf8))
        #expect(name.raw == Array(text.utf8))
        #expect(name.text == text)
    }

    @Test("Octets that are no text at all go back unchanged")
    func noText() {
        let name = IMAPMailboxName(raw: [0x61, 0xE9, 0xFF])
        #expect(name.raw == [0x61, 0xE9, 0xFF])
        #expect(name.text == "a\u{FFFD}\u{FFFD}")
    }

    @Test("INBOX is INBOX in any case", arguments: ["INBOX", "Inbox", "inbox"])
    func inbox(text: String) {
        #expect(IMAPMailboxName(text).isInbox)
        #expect(IMAPMailboxName(raw: Array(text.utf8)) == .inbox)
    }

    @Test("Nothing else is INBOX", arguments: ["INBOX2", "INBO", "Inbox/a", "ınbox"])
    func notInbox(text: String) {
        #expect(!IMAPMailboxName(text).isInbox)
    }
}
