import Diagnostics
import Testing

@testable import MailProtocol

@Suite struct SMTPReplyParserTests {
    private func parse(_ chunks: [some Collection<UInt8>]) throws -> [SMTPReply] {
        var parser = SMTPReplyParser()
        var replies: [SMTPReply] = []
        for chunk in chunks { try parser.push(chunk, into: &replies) }
        return replies
    }

    private func parse(_ text: String) throws -> [SMTPReply] { try parse([Array(text.utf8)]) }

    @Test("Replies of one and many lines are read")
    func replies() throws {
        let replies = try parse("220 x ESMTP\r\n250-x\r\n250-SIZE 1\r\n250 HELP\r\n354\r\n250-\r\n250 \r\n")
        #expect(replies.map(\.code) == [220, 250, 354, 250])
        #expect(replies.map(\.lines) == [["x ESMTP"], ["x", "SIZE 1", "HELP"], [""], ["", ""]])
    }

    @Test("Every split gives the same replies, with bare LF too", arguments: ["\r\n", "\n"])
    func splits(lineEnd: String) throws {
        let text = ["250-2.1.0 one", "250-two", "250 2.1.0 three", "550 5.1.1 no", "221 bye", ""]
        let octets = Array(text.joined(separator: lineEnd).utf8)
        let whole = try parse([octets])
        #expect(whole.map(\.code) == [250, 550, 221])
        for split in 0...octets.count { #expect(try parse([octets[..<split], octets[split...]]) == whole) }
        #expect(try parse(octets.map { [$0] }) == whole)
    }

    @Test("A truncated reply is none yet")
    func truncated() throws {
        let octets = Array("250-one\r\n250 two\r\n".utf8)
        for length in 0..<octets.count { #expect(try parse([octets.prefix(length)]).isEmpty) }
    }

    @Test(
        "The enhanced code is found",
        arguments: [
            ("550 5.1.1 no", EnhancedStatus(5, 1, 1)), ("550-no\r\n550 5.7.139 no", EnhancedStatus(5, 7, 139)),
            ("250 2.0.0", EnhancedStatus(2, 0, 0)), ("250 3.0.0 x", nil), ("250 2.0 x", nil), ("250 2.0.0.0 x", nil),
            ("250 2.0.1000 x", nil), ("250 2..0 x", nil), ("250 mx.2.0.0 x", nil), ("250 2.0.0x", nil),
        ] as [(String, EnhancedStatus?)])
    func enhanced(line: String, expected: EnhancedStatus?) throws {
        #expect(try parse(line + "\r\n").first?.enhanced == expected)
    }

    @Test("The reply is shown on one line, each word once")
    func serverLine() throws {
        let reply = try #require(
            try parse(
                """
                550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r
                550-5.4.5 sending limits go to\r
                550 5.4.5 \u{7}https://support.google.com/a/answer/166852 - gsmtp\r

                """
            ).first)
        let expected =
            "550 5.4.5 Daily user sending limit exceeded. For more information on Gmail sending limits go to "
            + " https://support.google.com/a/answer/166852 - gsmtp"
        #expect(reply.serverLine == expected)
        #expect(SMTPReply(code: 500, lines: [String(repeating: "x", count: 5000)]).serverLine.count == 1000)
    }

    @Test("Lines may be longer than RFC 5321 says, up to a limit")
    func longLines() throws {
        let text = String(repeating: "x", count: 12_288)
        #expect(try parse("334 \(text)\r\n").first?.lines == [text])
        #expect(throws: Failure.self) { try parse("250 " + String(repeating: "x", count: SMTPLimits.replyLine)) }
    }

    @Test("A reply with more lines than the limit ends the session")
    func manyLines() throws {
        let lines = String(repeating: "250-x\r\n", count: SMTPLimits.replyLines - 1)
        #expect(try parse(lines + "250 x\r\n").count == 1)
        #expect(throws: Failure.self) { try parse(lines + "250-x\r\n") }
    }

    @Test("Endless replies end the session")
    func manyReplies() {
        #expect(throws: Failure.self) { try parse(String(repeating: "250 x\r\n", count: 1001)) }
    }

    @Test(
        "What is no reply ends the session",
        arguments: [
            "\r\n", "hello\r\n", "25\r\n", "150 x\r\n", "650 x\r\n", "2500 x\r\n", "250x\r\n", "-ERR x\r\n",
            "\u{0}\r\n",
        ])
    func garbage(text: String) { #expect(throws: Failure.self) { try parse(text) } }
}

@Suite struct SMTPCapabilitiesTests {
    private static let exchange = """
        220 AM0PR04CA0001.outlook.office365.com Microsoft ESMTP MAIL Service ready\r
        250-AM0PR04CA0001.outlook.office365.com Hello [192.0.2.1]\r
        250-SIZE 157286400\r
        250-STARTTLS\r
        250 SMTPUTF8\r
        220 2.0.0 SMTP server ready\r
        250-AM0PR04CA0001.outlook.office365.com Hello [192.0.2.1]\r
        250-SIZE 157286400\r
        250-PIPELINING\r
        250-DSN\r
        250-ENHANCEDSTATUSCODES\r
        250-AUTH LOGIN XOAUTH2\r
        250-8BITMIME\r
        250-BINARYMIME\r
        250-CHUNKING\r
        250 SMTPUTF8\r

        """

    @Test("The last reply to EHLO counts")
    func transcript() throws {
        let capabilities = try SMTPCapabilities(transcript: SMTPCapabilitiesTests.exchange.utf8)
        #expect(capabilities.mechanisms == ["LOGIN", "XOAUTH2"])
        #expect(capabilities.hasPipelining && capabilities.has8BitMIME && capabilities.hasSMTPUTF8)
        #expect(capabilities.hasSize && capabilities.maximumSize == 157_286_400)
        #expect(capabilities.keywords.contains("CHUNKING") && !capabilities.keywords.contains("STARTTLS"))
    }

    @Test(
        "Odd lines are read",
        arguments: [
            ("250-x\r\n250-AUTH=LOGIN\r\n250 auth login plain\r\n", ["LOGIN", "PLAIN"], nil),
            ("250-x\r\n250 SIZE\r\n", [], nil), ("250-x\r\n250 SIZE 0\r\n", [], nil),
            ("250-x\r\n250 size 10\r\n", [], 10), ("250-x\r\n250 SIZE -1\r\n", [], nil),
            ("250-x\r\n250 SIZE 99999999999999999999\r\n", [], nil), ("250 AUTH PLAIN\r\n", [], nil),
            ("250-x\r\n250- \r\n250 \r\n", [], nil),
        ] as [(String, [String], Int64?)])
    func odd(text: String, mechanisms: [String], size: Int64?) throws {
        let capabilities = try SMTPCapabilities(transcript: text.utf8)
        #expect(capabilities.mechanisms == mechanisms)
        #expect(capabilities.maximumSize == size)
    }

    @Test(
        "Without a reply to EHLO there is nothing to go on",
        arguments: ["", "220 x\r\n", "garbage\r\n", "500 no\r\n"])
    func nothing(text: String) { #expect(throws: Failure.self) { try SMTPCapabilities(transcript: text.utf8) } }
}
