import Diagnostics
import MailModel
import Testing

@Suite struct MessageDateTests {
    @Test(
        "A date is read however senders write it",
        arguments: [
            ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T15:55:06Z"),
            ("Tue, 1 Jul 2003 10:52:37 +0200", "2003-07-01T08:52:37Z"),
            (
                "Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n -0330 (Newfoundland Time)",
                "1969-02-14T03:02:00Z"
            ),
            ("21 Nov 97 09:55:06 GMT", "1997-11-21T09:55:06Z"),
            ("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", "1997-11-21T15:55:06Z"),
            ("Mon, 3 Feb 2025 08:00 EST", "2025-02-03T13:00:00Z"),
            ("Mon, 3 Feb 25 08:00:00 PDT", "2025-02-03T15:00:00Z"),
            ("3 Feb 125 08:00:00 Z", "2025-02-03T08:00:00Z"),
            ("Mon, 3 Feb 2025 08:00:00", "2025-02-03T08:00:00Z"),
            ("Mon, 3 Feb 2025 08:00:00 A", "2025-02-03T08:00:00Z"),
            ("Mon Feb  3 08:00:00 2025", "2025-02-03T08:00:00Z"),
            ("Monday, 03-Feb-25 08:00:00 GMT", "2025-02-03T08:00:00Z"),
            ("Mon, 3 Feb 2025 08:00:00 GMT+0100", "2025-02-03T07:00:00Z"),
            ("Mon, 3 Feb 2025 08:00:00 +01:00", "2025-02-03T07:00:00Z"),
            ("Mon, 3 Feb 2025 08:00:00.123 +0000 (UTC)", "2025-02-03T08:00:00Z"),
            ("Sat, 29 Feb 2020 23:59:60 +0000", "2020-03-01T00:00:00Z"),
            ("(a (nested \\) comment)) 3 Feb 2025 08:00:00 +0000", "2025-02-03T08:00:00Z"),
            ("mon, 3 FEBRUARY 2025 08:00:00 -0000", "2025-02-03T08:00:00Z"),
        ])
    func reads(text: String, expected: String) {
        #expect(MessageDate.parse(text.utf8)?.description == expected)
    }

    @Test(
        "What is no date is none",
        arguments: [
            "", "yesterday", "Mon, 3 Feb 2025", "3 Foo 2025 08:00:00 +0000", "32 Jan 2025 08:00:00 +0000",
            "0 Jan 2025 08:00:00 +0000", "3 Feb 2025 24:00:00 +0000", "3 Feb 2025 08:60:00 +0000",
            "3 Feb 2025 08:00:61 +0000", "3 Feb 99999 08:00:00 +0000", "3 Feb 2025 8 8:00:00",
            "99999999999999999999 Feb 2025 08:00:00", "3 Feb 2025 :00", "Feb 2025 08:00:00", "3 Feb 2025 08:",
            "(3 Feb 2025 08:00:00 +0000",
        ])
    func refuses(text: String) { #expect(MessageDate.parse(text.utf8) == nil) }

    @Test("A date cut off anywhere does no harm")
    func truncated() {
        let text = Array("Thu, (x\\(y) 13 Feb 1969 23:32:10.55 -03:30 (Newfoundland Time)".utf8)
        for length in 0...text.count { _ = MessageDate.parse(text.prefix(length)) }
        #expect(MessageDate.parse(text)?.description == "1969-02-14T03:02:10Z")
    }

    @Test("A field of more than 1024 octets is no date")
    func tooLong() {
        let date = "3 Feb 2025 08:00:00 +0000"
        let padding = { String(repeating: " ", count: $0 - date.utf8.count) }
        #expect(MessageDate.parse((date + padding(1024)).utf8) != nil)
        #expect(MessageDate.parse((date + padding(1025)).utf8) == nil)
    }
}
