import Diagnostics
import MailModel
import Testing

@testable import MailProtocol

@Suite("What a trace shows of a server's words")
struct HeardTests {
    @Test(
        "of IMAP are replies, and sizes of what belongs to a message",
        arguments: [
            ("* 3 EXISTS\r\n", ["* 3 EXISTS"]), ("pb7 NO [LIMIT] not now\r\n", ["pb7 NO [LIMIT] not now"]),
            ("+ idling now\r\n", ["+ idling now"]),
            ("+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=\r\n", ["+ [error: status=400 schemes=Bearer]"]),
            ("+ c2VjcmV0IHRva2Vu\r\n", ["+ [16 octets]"]),
            (
                "* 1 FETCH (UID 7 RFC822.SIZE 5 BODY[] {6}\r\nsecret)\r\n",
                ["* 1 FETCH (UID 7 RFC822.SIZE 5 BODY[] [6 octets])"]
            ),
            (
                "* 1 FETCH (UID 7 BODY[HEADER.FIELDS (SUBJECT)] \"secret\")\r\n",
                ["* 1 FETCH (UID 7 BODY[HEADER.FIELDS (SUBJECT)] [6 octets])"]
            ),
            ("* 1 FETCH (ENVELOPE (NIL \"secret\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n", ["* 1 FETCH ()"]),
            ("* XSECRET secret\r\n", ["* XSECRET [6 octets]"]), ("secret\r\n", ["[6 octets that are not IMAP]"]),
        ])
    func imap(wire: String, shown: [String]) throws {
        var parser = IMAPResponseParser(start: .line)
        parser.feed(Array(wire.utf8))
        var heard: [String] = []
        while let event = try parser.next() { if let line = event.heard { heard.append(line) } }
        #expect(heard == shown)
    }

    @Test("of POP3 are status lines, and the size of what follows them")
    func pop3() {
        var session = POP3Session(capabilities: POP3Capabilities(lines: []))
        session.heard.isWanted = true
        let number = POP3MessageNumber(1)!
        _ = session.run([.retr(number), .dele(number)])
        for octet in "+OK 20 octets\r\nSubject: secret\r\n\r\n..x\r\n.\r\n-ERR [SYS/TEMP] no\r\n".utf8 {
            _ = session.receive([octet][...])
        }
        #expect(session.heard.take() == ["+OK 20 octets", "[23 octets]", ".", "-ERR [SYS/TEMP] no"])
        session.heard.isWanted = false
        _ = session.run([.noop])
        _ = session.receive(Array("+OK\r\n".utf8)[...])
        #expect(session.heard.take() == [])
    }

    @Test("of SMTP are replies, line by line")
    func smtp() throws {
        var session = SMTPSession(capabilities: try SMTPCapabilities(transcript: Array("220 x\r\n250 x\r\n".utf8)))
        session.heard.isWanted = true
        _ = session.quit()
        _ = session.receive(Array("221-2.0.0 one\r\n221 2.0.0 two\r\n".utf8))
        #expect(session.heard.take() == ["221-2.0.0 one\n221 2.0.0 two"])
    }
}
