import Diagnostics
import MailModel
import Testing

@testable import MailProtocol

@Suite("IMAP's words")
struct IMAPWordsTests {
    @Test("COPYUID joins old and new UIDs by their place")
    func copyUID() throws {
        let code = IMAPCopyUID(
            uidValidity: UIDValidity(1), source: IMAPUIDSequence([5...5, 3...4]),
            destination: IMAPUIDSequence([10...12]))
        #expect(code.destination(of: UID(5)!) == UID(10))
        #expect(code.destination(of: UID(3)!) == UID(11))
        #expect(code.destination(of: UID(4)!) == UID(12))
        #expect(code.destination(of: UID(6)!) == nil)
    }

    @Test("COPYUID with sets of different lengths says nothing")
    func copyUIDMismatch() throws {
        let code = IMAPCopyUID(
            uidValidity: UIDValidity(1), source: IMAPUIDSequence([1...4]), destination: IMAPUIDSequence([1...3]))
        #expect(code.destination(of: UID(1)!) == nil)
    }

    @Test(
        "Dates with time zone",
        arguments: [
            ("17-Jul-1996 02:44:25 -0700", 837_596_665 as Int64?), (" 1-Jan-1970 00:00:00 +0000", 0),
            ("01-jan-1970 01:30:00 +0130", 0), ("31-Dec-1969 23:59:59 +0000", -1), ("1-Foo-1970 00:00:00 +0000", nil),
            ("1-Jan-1970 25:00:00 +0000", nil), ("1-Jan-1970 00:00:00", nil), ("1-Jan-70 00:00:00 +0000", nil),
            ("32-Jan-1970 00:00:00 +0000", nil), ("", nil), ("1-Jan-1970 00:00:00 UTC", nil),
            (" 7-Jul-1996 02:44:25 -0700", 836_732_665), ("29-Feb-2024 23:30:00 +1400", 1_709_199_000),
            ("1-Jan-1970 00:00:00 +00:00", nil), ("1-Jan-1970 00:00:00 +2400", nil),
            ("1-Jan-1970 00:00:00 +0060", nil), ("1-Jan-1970 00:00:00 0000", nil),
        ])
    func dateTime(text: String, seconds: Int64?) {
        #expect(IMAPDate.dateTime(Array(text.utf8)) == seconds.map { Timestamp(seconds: $0) })
    }

    @Test("Tags are ours or nobody's", arguments: ["pb", "pbx", "A001", "*", "+", "pb99999999999", "xpb1", "pb1x"])
    func foreignTags(text: String) {
        #expect(IMAPTag(Array(text.utf8)[...]) == nil)
    }

    @Test("Tags are read as they are written, and begin anew after the last")
    func tags() {
        #expect(IMAPTag(Array("pb\(UInt32.max)".utf8)[...]) == IMAPTag(.max))
        #expect(IMAPTag(.max).next == IMAPTag(0))
    }

    @Test(
        "Capabilities say how literals go",
        arguments: [
            ("LITERAL+", IMAPLiterals.nonSynchronizing), ("literal-", .nonSynchronizingSmall), ("X", .synchronizing),
        ])
    func literals(name: String, literals: IMAPLiterals) {
        #expect(IMAPCapabilities([name]).literals == literals)
    }

    @Test("Revision 2 counts only where it is alone, because it is never switched on")
    func revisions() {
        #expect(IMAPCapabilities(["IMAP4rev2"]).hasMove)
        #expect(!IMAPCapabilities(["IMAP4rev1", "IMAP4rev2"]).hasMove)
        #expect(IMAPCapabilities(["IMAP4rev1", "MOVE"]).hasMove)
    }

    @Test("Flags are written as the server reads them")
    func flags() {
        #expect(IMAPFlags([.seen, .deleted], keywords: ["$a"]).description == "(\\Seen \\Deleted $a)")
        #expect(IMAPFlags().description == "()")
    }

    @Test("Ranges in any order make the same set")
    func unorderedRanges() {
        let ordered = UIDSet(ranges: [1...3, 5...9, 11...11])
        #expect(UIDSet(ranges: [11...11, 7...9, 5...8, 0...2, 2...3, 0...0]) == ordered)
        #expect(ordered.ranges == [1...3, 5...9, 11...11])
    }
}
