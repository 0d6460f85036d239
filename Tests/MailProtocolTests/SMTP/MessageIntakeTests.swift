import Diagnostics
import MailModel
import MailProtocol
import Testing

@Suite struct MessageIntakeTests {
    private static let id = MessageID("new@x.test")!
    private static let date = Timestamp(seconds: 1_763_717_400)

    private func options(_ recipients: String...) -> IntakeOptions {
        IntakeOptions(
            recipients: recipients.compactMap { MailAddress($0) }, messageID: Self.id, date: Self.date)
    }

    private func take(
        _ pieces: [some Collection<UInt8>], _ options: IntakeOptions
    ) throws(Failure) -> (text: String, message: OutgoingMessage) {
        var intake = MessageIntake(options)
        var output: [UInt8] = []
        for piece in pieces { try intake.push(Array(piece)[...], into: &output) }
        let message = try intake.finish(into: &output)
        return (String(decoding: output, as: UTF8.self), message)
    }

    private func take(
        _ text: String, _ options: IntakeOptions
    ) throws(Failure) -> (text: String, message: OutgoingMessage) { try take([Array(text.utf8)], options) }

    private static let whole =
        "From: Anna <a@x.test>\r\nTo: b@x.test\r\nSubject: hello\r\nDate: Mon, 3 Feb 2025 08:00:00 +0000\r\n"
        + "Message-ID: <1@x.test>\r\n\r\nbody\r\n.\r\n"

    // MARK: What comes through

    @Test("A whole message is stored as it is")
    func whole() throws {
        let (text, message) = try take(Self.whole, options("b@x.test"))
        #expect(text == Self.whole)
        #expect(message.messageID.text == "1@x.test" && message.subject == "hello")
        #expect(message.from == [NamedAddress(name: "Anna", address: MailAddress(localPart: "a", domain: "x.test"))])
        #expect(message.size == Int64(Self.whole.utf8.count))
        #expect(!message.is8Bit && !message.hasInternationalizedHeader && message.addedFields.isEmpty)
        #expect(message.longestLine == 36)
    }

    @Test("Every split and every line end gives the same", arguments: ["\r\n", "\n", "\r\r\n"])
    func splits(lineEnd: String) throws {
        let octets = Array(
            Self.whole.split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: lineEnd).utf8)
        for split in 0...octets.count {
            let (text, message) = try take([octets[..<split], octets[split...]], options("b@x.test"))
            #expect(text == Self.whole)
            #expect(message.size == Int64(Self.whole.utf8.count) && message.longestLine == 36)
        }
        #expect(try take(octets.map { [$0] }, options("b@x.test")).text == Self.whole)
    }

    @Test("A truncated message is taken or refused, never a crash")
    func truncated() throws {
        let octets = Array(Self.whole.utf8)
        for length in 0...octets.count {
            let taken = try? take([octets.prefix(length)], options("b@x.test"))
            #expect((taken != nil) == (length >= "From: Anna <a@x.test>".utf8.count))
        }
    }

    @Test(
        "Date and Message-ID are added where they are missing or empty", arguments: ["", "Date:\nMessage-ID: <>\n"])
    func added(fields: String) throws {
        let (text, message) = try take("From: a@x.test\n\(fields)\nbody", options("b@x.test"))
        #expect(
            text
                == "From: a@x.test\r\nDate: Fri, 21 Nov 2025 09:30:00 +0000\r\nMessage-ID: <new@x.test>\r\n\r\nbody\r\n"
        )
        #expect(message.addedFields == ["Date", "Message-ID"])
        #expect(message.messageID == Self.id)
    }

    @Test("Bcc and what belongs to delivery is removed, folded lines with it")
    func removed() throws {
        let header =
            "Return-Path: <x@x.test>\nBcc: secret@x.test,\n\tsecret2@x.test\nFrom: a@x.test\nBCC: secret3@x.test\nContent-Length: 5\n"
        let (text, _) = try take(header + "\nBcc: body\n", options("b@x.test"))
        #expect(!text.contains("secret") && !text.contains("Return-Path") && !text.contains("Content-Length"))
        #expect(text.hasSuffix("\r\n\r\nBcc: body\r\n"))
    }

    @Test("A line that is no field begins the body", arguments: ["hello", "Hello there: you", ": x", "ä: x"])
    func bodyWithoutBlankLine(line: String) throws {
        let (text, _) = try take("From: a@x.test\n\(line)\nBcc: b@x.test\n", options("b@x.test"))
        #expect(text.hasSuffix("\r\n\r\n\(line)\r\nBcc: b@x.test\r\n"))
    }

    @Test("The separator line of an mbox file is left out")
    func mbox() throws {
        let (text, _) = try take(
            "From a@x.test Mon Feb  3 08:00:00 2025\nFrom: a@x.test\n\nbody", options("b@x.test"))
        #expect(text.hasPrefix("From: a@x.test\r\n"))
    }

    @Test("A header that is not UTF-8 becomes it")
    func latin1() throws {
        let octets = Array("From: a@x.test\nSubject: Gr".utf8) + [0xFC, 0xDF] + Array("e\n\nb".utf8) + [0xFC]
        let (_, message) = try take([octets], options("b@x.test"))
        #expect(message.subject == "Grüße")
        #expect(message.hasInternationalizedHeader && message.is8Bit)
    }

    @Test("8-bit content is noticed wherever it is")
    func eightBit() throws {
        #expect(
            try take("From: a@x.test\n\n\(String(repeating: "x\n", count: 500))ä\n", options("b@x.test")).message
                .is8Bit)
        #expect(try !take("From: a@x.test\n\nx", options("b@x.test")).message.is8Bit)
    }

    @Test("A long line is measured and stays")
    func longLine() throws {
        let line = String(repeating: "x", count: 2000)
        let (text, message) = try take("From: a@x.test\n\n\(line)\nshort\n", options("b@x.test"))
        #expect(message.longestLine == 2000 && text.contains(line))
    }

    @Test("A lone dot ends the message where that is wanted", arguments: ["\n", "\r\n"])
    func loneDot(lineEnd: String) throws {
        let text = ["From: a@x.test", "", "..one", ".two", ".", "three", ""].joined(separator: lineEnd)
        var wanted = options("b@x.test")
        wanted.loneDotEndsMessage = true
        let octets = Array(text.utf8)
        for split in 0...octets.count {
            #expect(try take([octets[..<split], octets[split...]], wanted).text.hasSuffix("\r\n..one\r\n.two\r\n"))
        }
        #expect(try take(text, options("b@x.test")).text.hasSuffix(".two\r\n.\r\nthree\r\n"))
        var intake = MessageIntake(wanted)
        var output: [UInt8] = []
        try intake.push(octets[...], into: &output)
        #expect(intake.hasEnded)
    }

    // MARK: From

    @Test("sendmail adds From, or completes one that names a local user")
    func missingFrom() throws {
        var options = options("b@x.test")
        options.missingFrom = .use(
            NamedAddress(name: "Système", address: MailAddress(localPart: "s", domain: "x.test")))
        let none = try take("Subject: x\n\n", options)
        #expect(none.text.contains("From: =?utf-8?B?U3lzdMOobWU=?= <s@x.test>\r\n"))
        #expect(none.message.addedFields.contains("From"))
        let local = try take("From: root (Cron Daemon)\nSubject: x\n\n", options)
        #expect(local.text.contains("From: \"Cron Daemon\" <s@x.test>\r\n") && !local.text.contains("root"))
        #expect(local.message.from.map(\.address.description) == ["s@x.test"])
    }

    @Test(
        "Without a usable From the message is refused",
        arguments: [
            "Subject: x\n\n", "", "\n", "From:\n\n", "From: root\n\n", "From: undisclosed:;\n\n",
            "From: a@x.test\nFrom: b@x.test\n\n", "From: a b@x.test\n\n", "From: a@x.test, \n <\n\n",
        ])
    func badFrom(text: String) {
        #expect(throws: Failure.self) { try take(text, options("b@x.test")) }
    }

    // MARK: Recipients

    private func recipients(_ header: String, _ given: String...) throws -> [String] {
        var options = IntakeOptions(
            recipients: given.compactMap { MailAddress($0) }, messageID: Self.id, date: Self.date)
        options.takesRecipientsFromHeader = true
        return try take("From: a@x.test\n\(header)\n\nbody", options).message.recipients.map(\.description)
    }

    @Test("Recipients come from To, Cc and Bcc, each once")
    func fromHeader() throws {
        #expect(
            try recipients(
                "To: B <b@x.test>, \"C, D\" <c@x.test>\nCc: Group: d@x.test, B@X.TEST;\nBcc: e@x.test\nReply-To: f@x.test",
                "g@x.test") == ["g@x.test", "b@x.test", "c@x.test", "d@x.test", "e@x.test"])
    }

    @Test("A resent message goes to whom it is resent, and is stamped anew")
    func resent() throws {
        let header = "To: b@x.test\nCc: c@x.test\nResent-From: a@x.test\nResent-To: d@x.test\nResent-Bcc: e@x.test"
        #expect(try recipients(header) == ["d@x.test", "e@x.test"])
        let (text, _) = try take("From: a@x.test\n\(header)\n\n", options("f@x.test"))
        #expect(text.hasPrefix("Resent-Date: Fri, 21 Nov 2025 09:30:00 +0000\r\nResent-Message-ID: <new@x.test>\r\n"))
        #expect(!text.contains("Resent-Bcc"))
    }

    @Test(
        "Recipients that cannot be read are named, not guessed or left out",
        arguments: ["To: b@x.test, c d@x.test", "To: root", "Bcc: \"open <b@x.test>", "To: b@x.test\nCc: @x.test"])
    func unreadable(header: String) { #expect(throws: Failure.self) { try recipients(header) } }

    @Test(
        "Without a recipient the message is refused",
        arguments: ["Subject: x", "To:", "To: undisclosed-recipients:;"])
    func nobody(header: String) { #expect(throws: Failure.self) { try recipients(header) } }

    @Test("Local names are completed where a domain is given")
    func localDomain() throws {
        var options = options("root")
        #expect(throws: Failure.self) { try take("From: a@x.test\n\n", options) }
        options.localDomain = "x.test"
        #expect(try take("From: a@x.test\n\n", options).message.recipients.map(\.description) == ["root@x.test"])
    }

    // MARK: What is refused

    @Test("NUL is refused, in header and body", arguments: ["From: a@x.test\nX: \0\n\n", "From: a@x.test\n\na\0b"])
    func nul(text: String) { #expect(throws: Failure.self) { try take(text, options("b@x.test")) } }

    @Test("A carriage return inside a header line is refused, in the body it ends the line")
    func bareReturn() throws {
        #expect(throws: Failure.self) {
            try take("From: a@x.test\nSubject: x\rBcc: c@x.test\n\n", options("b@x.test"))
        }
        #expect(try take("From: a@x.test\n\na\rb\n", options("b@x.test")).text.hasSuffix("\r\n\r\na\r\nb\r\n"))
    }

    @Test("A header over the limit is refused, with and without line ends")
    func largeHeader() {
        let line = "X-Long: " + String(repeating: "x", count: 1000) + "\n"
        for text in [String(repeating: line, count: 1100), "X: " + String(repeating: "x", count: 1_100_000)] {
            #expect(throws: Failure.self) { try take("From: a@x.test\n\(text)", options("b@x.test")) }
        }
    }

    @Test("A message over the limit is refused while it comes")
    func large() {
        var options = options("b@x.test")
        options.maximumSize = 200
        var intake = MessageIntake(options)
        var output: [UInt8] = []
        #expect(throws: Failure.self) {
            try intake.push(Array("From: a@x.test\n\n\(String(repeating: "x", count: 200))".utf8)[...], into: &output)
        }
    }

    @Test("A refusal concerns the message only, for good, and quotes no line end")
    func refusal() {
        do {
            _ = try take("From: \"a\n b\" c <\n\n", options("b@x.test"))
            Issue.record("It was taken.")
        } catch {
            #expect(error.scope == .message && error.retry == .never)
            #expect(!error.reason.contains("\n"))
        }
    }

    @Test("What was accepted gives the envelope")
    func envelope() throws {
        let (_, message) = try take("From: a@x.test\n\nä\n", options("b@x.test"))
        let envelope = try message.envelope(reversePath: message.from[0].address, recipients: message.recipients)
        #expect(envelope.is8Bit && envelope.size == message.size)
        #expect(envelope.recipients.map(\.description) == ["b@x.test"])
    }
}
