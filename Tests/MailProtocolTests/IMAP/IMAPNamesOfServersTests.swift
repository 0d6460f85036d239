import MailProtocol
import Testing

@Suite("Names that servers give") struct IMAPNamesOfServersTests {
    @Test(
        "have no levels when there is nothing but delimiters", arguments: ["", "/", "///"])
    func noLevels(name: String) {
        let entry = IMAPListEntry(mailbox: IMAPMailboxName(raw: Array(name.utf8)), delimiter: UInt8(ascii: "/"))
        #expect(entry.path.isEmpty)
    }

    @Test("have no level when they are empty in a flat namespace")
    func emptyAndFlat() { #expect(IMAPListEntry(mailbox: IMAPMailboxName(raw: [])).path.isEmpty) }

    @Test(
        "come back from their spelling octet by octet, whatever they are",
        arguments: [
            Array("INBOX".utf8), Array("Gel&APY-scht".utf8), Array("Entwürfe".utf8), [0x43, 0xE9], [0xFF], [],
            [0x80, 0x00, 0x2F], Array("\u{FFFD}:zz".utf8),
        ] as [[UInt8]])
    func spelling(raw: [UInt8]) {
        let name = IMAPMailboxName(raw: raw)
        #expect(IMAPMailboxName(spelling: name.spelling) == name)
        #expect(IMAPMailboxName(spelling: name.spelling).raw == raw)
    }

    @Test("are told apart by their spelling when they look the same")
    func different() {
        #expect(IMAPMailboxName(raw: [0xE8]).spelling != IMAPMailboxName(raw: [0xE9]).spelling)
    }
}
