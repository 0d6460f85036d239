import Diagnostics
import MailModel

@testable import MailProtocol

extension ParserFixture {
    private static func began(_ number: UInt32, _ uid: UInt32?, _ octets: Int, origin: UInt32? = nil) -> IMAPEvent {
        .bodyBegan(
            IMAPBody(sequenceNumber: number, uid: uid.flatMap { UID($0) }, octets: octets, origin: origin))
    }

    private static func fields(_ names: [String], _ text: String) -> IMAPSection.Content {
        IMAPSection.Content(section: .headerFields(names), bytes: Array(text.utf8))
    }

    static let fetches: [ParserFixture] = [
        ParserFixture(
            "a message with its UID before it", "* 1 FETCH (UID 5 BODY[] {11}\r\nHello)\r\n* {)\r\npb1 OK x\r\n",
            [
                began(1, 5, 11), .body("Hello)\r\n* {"), .bodyEnded,
                .fetched(IMAPFetch(1, uid: 5, body: .streamed(octets: 11))),
                .tagged(IMAPTag(1), IMAPReply(.ok, text: "x")),
            ]),
        ParserFixture(
            "a message with its UID behind it", "* 2 FETCH (BODY[] {3}\r\nabc FLAGS (\\Seen a) UID 6)\r\n",
            [
                began(2, nil, 3), .body("abc"), .bodyEnded,
                .fetched(
                    IMAPFetch(2, uid: 6, body: .streamed(octets: 3)) { $0.flags = IMAPFlags(.seen, keywords: ["a"]) }),
            ]),
        ParserFixture(
            "an empty message, one that is NIL, one quoted, and one that is not there",
            "* 1 FETCH (UID 1 BODY[] {0}\r\n)\r\n* 2 FETCH (UID 2 BODY[] NIL)\r\n"
                + "* 3 FETCH (BODY[] \"a\\\"b\" UID 3)\r\n* 4 FETCH (BODY[] \"\" UID 4)\r\n* 5 FETCH (UID 5)\r\n* 6 FETCH ()\r\n",
            [
                began(1, 1, 0), .bodyEnded, .fetched(IMAPFetch(1, uid: 1, body: .streamed(octets: 0))),
                .fetched(IMAPFetch(2, uid: 2, body: .none)), began(3, nil, 3), .body("a\"b"), .bodyEnded,
                .fetched(IMAPFetch(3, uid: 3, body: .streamed(octets: 3))), began(4, nil, 0), .bodyEnded,
                .fetched(IMAPFetch(4, uid: 4, body: .streamed(octets: 0))), .fetched(IMAPFetch(5, uid: 5)),
                .fetched(IMAPFetch(6)),
            ]),
        ParserFixture(
            "part of a message, RFC822, and two messages in one response",
            "* 1 FETCH (BODY[]<100> {2}\r\nab UID 1)\r\n* 2 FETCH (RFC822 {1}\r\nx)\r\n"
                + "* 3 FETCH (BODY[] {1}\r\na BODY[]<0> {1}\r\nb)\r\n",
            [
                began(1, nil, 2, origin: 100), .body("ab"), .bodyEnded,
                .fetched(IMAPFetch(1, uid: 1, body: .streamed(octets: 2))), began(2, nil, 1), .body("x"), .bodyEnded,
                .fetched(IMAPFetch(2, body: .streamed(octets: 1))), began(3, nil, 1), .body("a"), .bodyEnded,
                began(3, nil, 1, origin: 0), .body("b"), .bodyEnded,
                .fetched(IMAPFetch(3, body: .streamed(octets: 1))),
            ]),
        ParserFixture(
            "sections, however they are named",
            "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (Message-ID DATE)] {8}\r\nDate: x\n BODY[HEADER.FIELDS (\"date\")] \"D\""
                + " BODY[HEADER.FIELDS ({4}\r\ndate)] {1}\r\nE BODY[TEXT]<3> NIL RFC822.HEADER {0}\r\n BODY[1.2] {2}\r\nzz)\r\n",
            [
                .fetched(
                    IMAPFetch(1, uid: 1) {
                        $0.sections = [
                            fields(["MESSAGE-ID", "DATE"], "Date: x\n"), fields(["DATE"], "D"), fields(["DATE"], "E"),
                            IMAPSection.Content(section: .text, origin: 3, bytes: nil),
                            IMAPSection.Content(section: .header, bytes: []),
                            IMAPSection.Content(section: IMAPSection("1.2"), bytes: Array("zz".utf8)),
                        ]
                    })
            ]),
        ParserFixture(
            "all other attributes",
            "* 1 FETCH (INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" RFC822.SIZE 4286 MODSEQ (12121231777) EMAILID (M1)"
                + " THREADID (T1) X-GM-MSGID 1278455344230334865 X-GM-THRID 1266894439832287888"
                + " X-GM-LABELS (\\Inbox \"Entw&APw-rfe\" {3}\r\na)b) UID 7 FLAGS ())\r\n* 2 FETCH (THREADID NIL)\r\n",
            [
                .fetched(
                    IMAPFetch(1, uid: 7) {
                        $0.internalDate = Timestamp(seconds: 837_596_665)
                        $0.size = 4286
                        $0.modSeq = 12_121_231_777
                        $0.emailID = "M1"
                        $0.threadID = "T1"
                        $0.gmailMessageID = 1_278_455_344_230_334_865
                        $0.gmailThreadID = 1_266_894_439_832_287_888
                        $0.gmailLabels = ["\\Inbox", "Entwürfe", "a)b"]
                        $0.flags = IMAPFlags()
                    }), .fetched(IMAPFetch(2)),
            ]),
        ParserFixture(
            "attributes nobody asked for, skipped by their structure",
            "* 1 FETCH (ENVELOPE (\"d\" {3}\r\na)( ((NIL NIL \"a\" \"b\")) NIL) X-A 5 X-B[1] \"]\" PREVIEW {2}\r\n)) X-C (()(())"
                + " ) BINARY[1] ~{2}\r\nab BINARY.SIZE[1] 3 UID 9)\r\n",
            [
                .fetched(
                    IMAPFetch(1, uid: 9) {
                        $0.sections = [IMAPSection.Content(section: IMAPSection("1"), bytes: Array("ab".utf8))]
                    })
            ]),
        ParserFixture(
            "what comes between messages",
            "* 1 FETCH (UID 1 BODY[] {1}\r\na)\r\n* 9 EXPUNGE\r\n* 3 FETCH (FLAGS (\\Deleted))\r\n",
            [
                began(1, 1, 1), .body("a"), .bodyEnded, .fetched(IMAPFetch(1, uid: 1, body: .streamed(octets: 1))),
                .untagged(.expunge(9)), .fetched(IMAPFetch(3) { $0.flags = IMAPFlags(.deleted) }),
            ]),
    ]

    /// Seen from real servers.
    static let defects: [ParserFixture] = [
        ParserFixture(
            "Exchange: a line without tag or asterisk", "Server Unavailable. 15\r\n* BYE Connection closed. 14\r\n",
            [
                .garbled("Server Unavailable. 15"),
                .untagged(.status(IMAPReply(.bye, text: "Connection closed. 14"))),
            ]),
        ParserFixture(
            "Exchange: COPYUID with empty sets", "pb1 OK [COPYUID 55  ] COPY completed.\r\n",
            [
                .tagged(
                    IMAPTag(1),
                    IMAPReply(
                        .ok,
                        code: .copyUID(
                            IMAPCopyUID(uidValidity: UIDValidity(55), source: .init(), destination: .init())),
                        text: "COPY completed.", line: "OK [COPYUID 55  ] COPY completed."))
            ]),
        ParserFixture(
            "Exchange: response codes without OK",
            "* [COPYUID 55 1:2 7:8] x\r\n[UIDNEXT 5] y\r\n",
            [
                .ok(
                    "x",
                    code: .copyUID(
                        IMAPCopyUID(
                            uidValidity: UIDValidity(55), source: IMAPUIDSequence([1...2]),
                            destination: IMAPUIDSequence([7...8]))), line: "[COPYUID 55 1:2 7:8] x"),
                .ok("y", code: .uidNext(UID(5)!), line: "[UIDNEXT 5] y"),
            ]),
        ParserFixture(
            "Exchange: unquoted names with spaces and control characters",
            "* LIST (\\HasNoChildren) \"/\" Old\tmail 2019\u{1}\r\n* STATUS Old\tmail 2019 (MESSAGES 1)\r\n",
            [
                .untagged(
                    .list(
                        IMAPListEntry(
                            mailbox: IMAPMailboxName(raw: Array("Old\tmail 2019\u{1}".utf8)),
                            attributes: ["hasnochildren"],
                            delimiter: 0x2F))),
                .untagged(
                    .mailboxStatus(IMAPMailboxStatus.raw("Old\tmail 2019") { $0.messages = 1 })),
            ]),
        ParserFixture(
            "Exchange: defects in BODYSTRUCTURE",
            "* 1 FETCH (BODYSTRUCTURE (NIL NIL NIL NIL NIL \"7BIT\" 0 NIL NIL NIL NIL) UID 1)\r\n"
                + "* 2 FETCH (UID 2 BODYSTRUCTURE ((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"x\") NIL NIL \"7BIT\" 1 1) \"attachment\")\r\n"
                + "* 3 FETCH (UID 3 BODYSTRUCTURE (\"a)\r\n",
            [.fetched(IMAPFetch(1, uid: 1)), .fetched(IMAPFetch(2, uid: 2)), .fetched(IMAPFetch(3, uid: 3))]),
        ParserFixture(
            "bare line feeds", "* 3 EXISTS\n* 1 FETCH (UID 5 BODY[] {2}\nab)\n* LIST () \"/\" {2}\ncd\npb1 OK x\n",
            [
                .untagged(.exists(3)), began(1, 5, 2), .body("ab"), .bodyEnded,
                .fetched(IMAPFetch(1, uid: 5, body: .streamed(octets: 2))),
                .untagged(.list(IMAPListEntry(mailbox: IMAPMailboxName("cd"), delimiter: 0x2F))),
                .tagged(IMAPTag(1), IMAPReply(.ok, text: "x")),
            ]),
        ParserFixture(
            "spaces, empty lines and lower case",
            "*  3  exists \r\n\r\n \r\n*   1  fetch  ( uid  5  flags (\\seen  \\Deleted )  body[]  {1}\r\na ) \r\n pb1  ok  x\r\n*  search  4  5 \r\n",
            [
                .untagged(.exists(3)), began(1, 5, 1), .body("a"), .bodyEnded,
                .fetched(
                    IMAPFetch(1, uid: 5, body: .streamed(octets: 1)) { $0.flags = IMAPFlags([.seen, .deleted]) }),
                .tagged(IMAPTag(1), IMAPReply(.ok, text: "x", line: "ok  x")), .untagged(.search(UIDSet(4...5))),
            ]),
        ParserFixture(
            "names in 8 bit",
            Array("* LIST () \"/\" \"Entw\u{FC}rfe\"\r\n".utf8) + Array("* LIST () \"/\" a".utf8) + [
                0xE9, 0x0D, 0x0A,
            ],
            [
                .untagged(
                    .list(
                        IMAPListEntry(mailbox: IMAPMailboxName(raw: Array("Entwürfe".utf8)), delimiter: 0x2F))),
                .untagged(.list(IMAPListEntry(mailbox: IMAPMailboxName(raw: [0x61, 0xE9]), delimiter: 0x2F))),
            ]),
        ParserFixture(
            "a text that looks like a literal",
            "* OK use {5}\r\n* BYE {1}\r\npb1 NO x {3}\r\n+ {4}\r\n* 1 EXISTS\r\n",
            [
                .ok("use {5}", line: "OK use {5}"), .untagged(.status(IMAPReply(.bye, text: "{1}"))),
                .tagged(IMAPTag(1), IMAPReply(.no, text: "x {3}")), .continuation(Array("{4}".utf8)),
                .untagged(.exists(1)),
            ]),
        ParserFixture(
            "brackets that never close", "* OK [ALERT x\r\n* OK [] y\r\n* OK [ALERT]z\r\n* OK [UIDNEXT x] z\r\n",
            [
                .ok("[ALERT x", line: "OK [ALERT x"), .ok("y", code: .other("", ""), line: "OK [] y"),
                .ok("z", code: .alert, line: "OK [ALERT]z"),
                .ok("z", code: .other("UIDNEXT", "x"), line: "OK [UIDNEXT x] z"),
            ]),
        ParserFixture(
            "lines that promise what they do not hold",
            "* LIST x\r\n* STATUS\r\n* 5 FOO\r\n* 99999999999 EXISTS\r\n* FLAGS \\Seen\r\n* 1 FETCH NIL\r\n* VANISHED x\r\nA001 OK x\r\n*\r\n* ESEARCH ALL x\r\n* NAMESPACE (x\r\n",
            [
                "* LIST x", "* STATUS", "* 5 FOO", "* 99999999999 EXISTS", "* FLAGS \\Seen", "* 1 FETCH NIL",
                "* VANISHED x", "A001 OK x", "*", "* ESEARCH ALL x", "* NAMESPACE (x",
            ].map(IMAPEvent.garbled)),
        ParserFixture(
            "attributes that are not what they promise",
            "* 1 FETCH (UID NIL RFC822.SIZE x FLAGS NIL INTERNALDATE \"x\" MODSEQ 5 UID 0 FLAGS (\\Seen) UID 4)\r\n",
            [.fetched(IMAPFetch(1, uid: 4) { $0.flags = IMAPFlags(.seen) })]),
    ]
}

extension IMAPMailboxStatus {
    fileprivate static func raw(_ name: String, _ change: (inout IMAPMailboxStatus) -> Void) -> IMAPMailboxStatus {
        var status = IMAPMailboxStatus(mailbox: IMAPMailboxName(raw: Array(name.utf8)))
        change(&status)
        return status
    }
}
