import MailModel
import Testing

@Suite struct HeaderTextTests {
    @Test(
        "Encoded words are decoded as RFC 2047 says",
        arguments: [
            // RFC 2047 §8.
            ("(=?ISO-8859-1?Q?a?=)", "(a)"),
            ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a?=\r\n    =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a_b?=)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"),
            ("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"),
            (
                "=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
                "If you can read this you understand the example."
            ),
            // A character split over two words, which happens.
            ("=?utf-8?Q?M=C3?= =?utf-8?Q?=BCller?=", "Müller"),
            ("=?utf-8?B?TcM=?= =?UTF-8?B?vGxsZXI=?=", "Müller"),
            ("=?utf-8*de?Q?M=C3=BCller?=", "Müller"),
            ("=?windows-1252?Q?=80_5?=", "€ 5"),
            ("=?iso-8859-1?Q?=80_5?=", "€ 5"),
            ("=?iso-8859-15?Q?=A4_5?=", "€ 5"),
            ("=?koi8-r?B?8NLJ18XU?=", "Привет"),
            ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
            ("=?gb2312?B?1tDOxA==?=", "中文"),
            ("=?utf-8?Q?a=ZZb=?=", "a=ZZb="),
            ("=?utf-8?Q??=", ""),
            ("=?utf-8?q?a b?=", "a b"),
        ])
    func decodes(text: String, expected: String) { #expect(HeaderText.decode(text.utf8) == expected) }

    @Test(
        "What cannot be decoded stays as it is written",
        arguments: [
            "=?x-klingon?Q?a?=", "=?utf-8?X?a?=", "=?utf-8?B?****?=", "=?utf-8?Q?open", "=?", "=?utf-8", "=?utf-8?Q",
            "=?utf-8?Q?", "=?utf-8?Q?a?", "==??==", "=?iso-2022-cn-ext?B?GyRCRnxLXBsoQg==?=",
        ])
    func keeps(text: String) { #expect(HeaderText.decode(text.utf8) == text) }

    @Test("Raw 8-bit text is UTF-8, or else Windows-1252")
    func raw() {
        #expect(HeaderText.decode("Grüße".utf8) == "Grüße")
        #expect(HeaderText.decode([0x47, 0x72, 0xFC, 0xDF, 0x65]) == "Grüße")
    }

    @Test("Folding is undone, and white space at the ends does not count")
    func unfolds() { #expect(HeaderText.decode(" one\r\n two\n\tthree\r\n ".utf8) == "one two\tthree") }

    @Test("A broken character in an encoded word does not swallow what follows")
    func brokenCharacter() { #expect(HeaderText.decode("=?euc-jp?Q?=C6=FC=FF=41?=".utf8) == "日\u{FFFD}A") }

    @Test("Text cut off anywhere does no harm")
    func truncated() {
        let text = Array("a =?utf-8?Q?M=C3=BC?=\r\n =?koi8-r?B?8NLJ18XU?= z".utf8)
        for length in 0...text.count { _ = HeaderText.decode(text.prefix(length)) }
        #expect(HeaderText.decode(text) == "a MüПривет z")
    }

    @Test("Very many false starts are read in linear time")
    func falseStarts() {
        let text = String(repeating: "=?a?Q?", count: 40_000)
        #expect(HeaderText.decode(text.utf8).utf8.count == text.utf8.count)
    }
}
