import Diagnostics
import MailModel

@testable import MailProtocol

extension ParserFixture {
    static let all = status + data + fetches + defects

    static let status: [ParserFixture] = [
        ParserFixture(
            "a greeting", "* OK IMAP4rev1 Service Ready\r\n",
            [.ok("IMAP4rev1 Service Ready", line: "OK IMAP4rev1 Service Ready")]),
        ParserFixture(
            "capabilities in a code", "* OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR] Hi\r\n",
            [
                .ok(
                    "Hi", code: .capability(IMAPCapabilities(["IMAP4rev1", "AUTH=XOAUTH2", "SASL-IR"])),
                    line: "OK [CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR] Hi")
            ]),
        ParserFixture(
            "what SELECT tells",
            "* 172 EXISTS\r\n* 1 RECENT\r\n* OK [UNSEEN 12] x\r\n* OK [UIDVALIDITY 3857529045] x\r\n"
                + "* OK [UIDNEXT 4392] x\r\n* FLAGS (\\Answered \\Seen $Label1)\r\n"
                + "* OK [PERMANENTFLAGS (\\Deleted \\*)] x\r\n* OK [HIGHESTMODSEQ 715194045007] x\r\n"
                + "* OK [NOMODSEQ] x\r\n* OK [MAILBOXID (F2212ea87)] x\r\n* OK [CLOSED] x\r\n"
                + "* NO [UIDNOTSTICKY] x\r\npb12 OK [READ-WRITE] SELECT completed\r\n",
            [
                .untagged(.exists(172)), .untagged(.recent(1)),
                .ok("x", code: .unseen(12), line: "OK [UNSEEN 12] x"),
                .ok("x", code: .uidValidity(UIDValidity(3_857_529_045)), line: "OK [UIDVALIDITY 3857529045] x"),
                .ok("x", code: .uidNext(UID(4392)!), line: "OK [UIDNEXT 4392] x"),
                .untagged(.flags(IMAPFlags([.answered, .seen], keywords: ["$Label1"]))),
                .ok(
                    "x", code: .permanentFlags(IMAPFlags([.deleted, .any])),
                    line: "OK [PERMANENTFLAGS (\\Deleted \\*)] x"
                ),
                .ok("x", code: .highestModSeq(715_194_045_007), line: "OK [HIGHESTMODSEQ 715194045007] x"),
                .ok("x", code: .noModSeq, line: "OK [NOMODSEQ] x"),
                .ok("x", code: .mailboxID("F2212ea87"), line: "OK [MAILBOXID (F2212ea87)] x"),
                .ok("x", code: .closed, line: "OK [CLOSED] x"),
                .untagged(.status(IMAPReply(.no, code: .uidNotSticky, text: "x", line: "NO [UIDNOTSTICKY] x"))),
                .tagged(
                    IMAPTag(12),
                    IMAPReply(
                        .ok, code: .readWrite, text: "SELECT completed", line: "OK [READ-WRITE] SELECT completed")),
            ]),
        ParserFixture(
            "refusals",
            "pb1 NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)\r\npb2 BAD Command Argument Error. 12\r\n"
                + "* BYE Session invalidated - AccessTokenExpired\r\n* PREAUTH hello\r\npb3 NO\r\n",
            [
                .tagged(
                    IMAPTag(1),
                    IMAPReply(
                        .no, code: .authenticationFailed, text: "Invalid credentials (Failure)",
                        line: "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)")),
                .tagged(IMAPTag(2), IMAPReply(.bad, text: "Command Argument Error. 12")),
                .untagged(.status(IMAPReply(.bye, text: "Session invalidated - AccessTokenExpired"))),
                .untagged(.status(IMAPReply(.preauth, text: "hello"))),
                .tagged(IMAPTag(3), IMAPReply(.no, text: "", line: "NO")),
            ]),
        ParserFixture(
            "codes of UIDPLUS and others",
            "pb1 OK [APPENDUID 38505 3955] x\r\npb2 OK [COPYUID 38505 304,319:320 3956:3958] x\r\n"
                + "pb3 NO [REFERRAL imap://anna@b.example/] x\r\npb4 NO [X-NEW a \"b]\" c] x\r\n",
            [
                .tagged(
                    IMAPTag(1),
                    IMAPReply(
                        .ok, code: .appendUID(UIDValidity(38505), IMAPUIDSequence([3955...3955])), text: "x",
                        line: "OK [APPENDUID 38505 3955] x")),
                .tagged(
                    IMAPTag(2),
                    IMAPReply(
                        .ok,
                        code: .copyUID(
                            IMAPCopyUID(
                                uidValidity: UIDValidity(38505), source: IMAPUIDSequence([304...304, 319...320]),
                                destination: IMAPUIDSequence([3956...3958]))),
                        text: "x", line: "OK [COPYUID 38505 304,319:320 3956:3958] x")),
                .tagged(
                    IMAPTag(3),
                    IMAPReply(
                        .no, code: .referral("imap://anna@b.example/"), text: "x",
                        line: "NO [REFERRAL imap://anna@b.example/] x")),
                .tagged(
                    IMAPTag(4),
                    IMAPReply(.no, code: .other("X-NEW", "a \"b]\" c"), text: "x", line: "NO [X-NEW a \"b]\" c] x")),
            ]),
        ParserFixture(
            "continuations", "+ idling\r\n+ \r\n+\r\n+ eyJ9\r\n",
            [
                .continuation(Array("idling".utf8)), .continuation([]), .continuation([]),
                .continuation(Array("eyJ9".utf8)),
            ]
        ),
    ]

    static let data: [ParserFixture] = [
        ParserFixture(
            "capabilities, those switched on, and ids",
            "* CAPABILITY IMAP4rev1 auth=PLAIN LITERAL-\r\n* ENABLED CONDSTORE\r\n"
                + "* ID (\"name\" \"Dovecot\" \"version\" NIL)\r\n* ID NIL\r\n",
            [
                .untagged(.capability(IMAPCapabilities(["IMAP4REV1", "AUTH=PLAIN", "LITERAL-"]))),
                .untagged(.enabled(["CONDSTORE"])), .untagged(.id(["name": "Dovecot"])), .untagged(.id([:])),
            ]),
        ParserFixture(
            "folders",
            "* LIST (\\HasNoChildren \\Sent) \"/\" \"Gesendete Elemente\"\r\n* LIST () \".\" INBOX\r\n"
                + "* LIST (\\Noselect) NIL {7}\r\na\r\n\"b{c}\r\n* LSUB () \"\\\\\" \"Entw&APw-rfe\"\r\n"
                + "* XLIST (\\Inbox) \"/\" \"a \\\"b\\\" c\"\r\n",
            [
                .untagged(
                    .list(
                        IMAPListEntry(
                            mailbox: IMAPMailboxName("Gesendete Elemente"), attributes: ["hasnochildren", "sent"],
                            delimiter: 0x2F))),
                .untagged(.list(IMAPListEntry(mailbox: .inbox, delimiter: 0x2E))),
                .untagged(
                    .list(
                        IMAPListEntry(
                            mailbox: IMAPMailboxName(raw: Array("a\r\n\"b{c".utf8)), attributes: ["noselect"]))),
                .untagged(.list(IMAPListEntry(mailbox: IMAPMailboxName("Entwürfe"), delimiter: 0x5C))),
                .untagged(
                    .list(
                        IMAPListEntry(
                            mailbox: IMAPMailboxName("a \"b\" c"), attributes: ["inbox"], delimiter: 0x2F))),
            ]),
        ParserFixture(
            "folders with extended data", "* LIST () \"/\" foo (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
            [.untagged(.list(IMAPListEntry(mailbox: IMAPMailboxName("foo"), delimiter: 0x2F)))]),
        ParserFixture(
            "the state of a folder",
            "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 UIDVALIDITY 7 UNSEEN 3 RECENT 0 HIGHESTMODSEQ 9 X-Y (1))\r\n"
                + "* STATUS {1}\r\na (MAILBOXID (F1) SIZE 5000000000)\r\n",
            [
                .untagged(
                    .mailboxStatus(
                        .with("blurdybloop") {
                            $0.messages = 231
                            $0.uidNext = UID(44292)
                            $0.uidValidity = UIDValidity(7)
                            $0.unseen = 3
                            $0.recent = 0
                            $0.highestModSeq = 9
                        })),
                .untagged(
                    .mailboxStatus(
                        .with("a") {
                            $0.mailboxID = "F1"
                            $0.size = 5_000_000_000
                        })),
            ]),
        ParserFixture(
            "searches",
            "* SEARCH 2 84 882 3 4\r\n* SEARCH\r\n* SEARCH \r\n* search 1 2 3 (MODSEQ 917162500)\r\n"
                + "* ESEARCH (TAG \"pb9\") UID MIN 7 MAX 3800 ALL 7,10:12 COUNT 4 MODSEQ 5\r\n"
                + "* ESEARCH (TAG \"pb9\") UID\r\n* ESEARCH ALL 1 X-NEW (1 (2))\r\n",
            [
                .untagged(.search(UIDSet(2...4, 84...84, 882...882))), .untagged(.search(UIDSet())),
                .untagged(.search(UIDSet())), .untagged(.search(UIDSet(1...3))),
                .untagged(
                    .extendedSearch(
                        .with {
                            $0.tag = IMAPTag(9)
                            $0.isUID = true
                            $0.all = UIDSet(7...7, 10...12)
                            $0.min = 7
                            $0.max = 3800
                            $0.count = 4
                            $0.modSeq = 5
                        })),
                .untagged(
                    .extendedSearch(
                        .with {
                            $0.tag = IMAPTag(9)
                            $0.isUID = true
                        })),
                .untagged(.extendedSearch(.with { $0.all = UIDSet(1...1) })),
            ]),
        ParserFixture(
            "what changed meanwhile",
            "* 44 EXPUNGE\r\n* VANISHED 405,407:410\r\n* VANISHED (EARLIER) 300:310\r\n* 3 EXISTS\r\n",
            [
                .untagged(.expunge(44)), .untagged(.vanished(UIDSet(405...405, 407...410), earlier: false)),
                .untagged(.vanished(UIDSet(300...310), earlier: true)), .untagged(.exists(3)),
            ]),
        ParserFixture(
            "namespaces",
            "* NAMESPACE ((\"\" \"/\")) NIL ((\"#shared/\" \"/\" \"X-PARAM\" (\"a\" \"b\")) (\"b.\" NIL))\r\n",
            [
                .untagged(
                    .namespace(
                        IMAPNamespace(
                            personal: [.init(prefix: IMAPMailboxName(""), delimiter: 0x2F)],
                            shared: [
                                .init(prefix: IMAPMailboxName("#shared/"), delimiter: 0x2F),
                                .init(prefix: IMAPMailboxName("b."), delimiter: nil),
                            ])))
            ]),
        ParserFixture(
            "what is not known here", "* QUOTAROOT INBOX {3}\r\nabc x\r\n* METADATA \"\" (/shared {0}\r\n)\r\n",
            [
                .untagged(.other(keyword: "QUOTAROOT", line: "INBOX {3}\r\nabc x")),
                .untagged(.other(keyword: "METADATA", line: "\"\" (/shared {0}\r\n)")),
            ]),
    ]
}

extension IMAPMailboxStatus {
    static func with(_ name: String, _ change: (inout IMAPMailboxStatus) -> Void) -> IMAPMailboxStatus {
        var status = IMAPMailboxStatus(mailbox: IMAPMailboxName(name))
        change(&status)
        return status
    }
}

extension IMAPExtendedSearch {
    static func with(_ change: (inout IMAPExtendedSearch) -> Void) -> IMAPExtendedSearch {
        var search = IMAPExtendedSearch()
        change(&search)
        return search
    }
}
