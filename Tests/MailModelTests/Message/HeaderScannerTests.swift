import MailModel
import Testing

@Suite struct HeaderScannerTests {
    private static let message = """
        Received: from a by b;\r
        \tMon, 3 Feb 2025 08:00:01 +0000\r
        Message-ID:\r
         <abc@x.test>\r
        date : Mon, 3 Feb 2025\r
         08:00:00 +0000\r
        FROM: Anna <a@x.test>\r
        To: b@x.test,\r
        \tc@x.test\r
        To: d@x.test\r
        Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r
         \r
         world\r
        Tolerance: none\r
        List-Id: A list <L.x.test>\r
        Delivered-To: e@x.test\r
        Delivered-To: f@x.test\r
        \r
        Subject: body\r
        \r

        """

    private func scan(_ chunks: [ArraySlice<UInt8>], limit: Int = 256 * 1024) -> (MessageHeaders, HeaderScanner) {
        var scanner = HeaderScanner(limit: limit)
        for chunk in chunks { scanner.push(chunk) }
        let headers = scanner.finish()
        return (headers, scanner)
    }

    @Test("The fields are found, unfolded, whatever their case")
    func fields() {
        let headers = MessageHeaders(HeaderScannerTests.message.utf8)
        #expect(headers.messageID?.text == "abc@x.test")
        #expect(headers.date?.description == "2025-02-03T08:00:00Z")
        #expect(headers.addresses(in: .from).entries.map(\.address.description) == ["a@x.test"])
        #expect(headers.addresses(in: .to).entries.map(\.address.localPart) == ["b", "c", "d"])
        #expect(headers.subject == "Grüße  world")
        #expect(headers.listID == "l.x.test")
        #expect(headers.deliveredTo == "e@x.test")
        #expect(headers.hasEnd && !headers.isCut)
    }

    @Test("The length of the header includes the blank line and nothing behind it")
    func length() throws {
        let bytes = Array(HeaderScannerTests.message.utf8)
        let end = try #require(bytes.firstRange(of: Array("\r\n\r\n".utf8))).upperBound
        #expect(MessageHeaders(bytes).length == end)
    }

    @Test("Every split of the message gives the same", arguments: ["\r\n", "\n"])
    func splits(lineEnd: String) {
        let bytes = Array(HeaderScannerTests.message.replacingLineEnds(with: lineEnd).utf8)
        let whole = scan([bytes[...]]).0
        #expect(whole.subject == "Grüße  world")
        for split in 0...bytes.count {
            let (headers, scanner) = scan([bytes[..<split], bytes[split...]])
            #expect(headers == whole)
            #expect(scanner.isComplete)
        }
        #expect(scan(bytes.indices.map { bytes[$0...$0] }).0 == whole)
    }

    @Test("A message cut off anywhere gives what was there")
    func truncated() {
        let bytes = Array(HeaderScannerTests.message.utf8)
        let whole = scan([bytes[...]]).0
        for length in 0..<whole.length {
            let headers = scan([bytes[..<length]]).0
            #expect(!headers.hasEnd)
            #expect(headers.length == length)
        }
        #expect(scan([bytes[..<whole.length]]).0 == whole)
    }

    @Test("Only a limited part of the header is kept, and the end is still found")
    func limit() {
        let long = "Subject: " + String(repeating: "x", count: 500) + "\nDate: Mon, 3 Feb 2025 08:00:00 +0000\n\nbody"
        for split in [1, 50, 300, long.utf8.count] {
            let bytes = Array(long.utf8)
            let (headers, scanner) = scan([bytes[..<split], bytes[split...]], limit: 100)
            #expect(scanner.isComplete && headers.isCut)
            #expect(headers.subject.utf8.count <= 100)
            #expect(headers.length == long.utf8.count - 4)
        }
    }

    @Test("Fields that nobody reads do not count against the limit")
    func otherFields() {
        let text = String(repeating: "X-Other: value\n", count: 1000) + "Subject: found\n\n"
        let (headers, _) = scan([Array(text.utf8)[...]], limit: 100)
        #expect(headers.subject == "found" && !headers.isCut)
    }

    @Test("Any number of empty fields is bounded")
    func emptyFields() {
        let text = String(repeating: "To:\n", count: 1000) + "\n"
        let (headers, _) = scan([Array(text.utf8)[...]], limit: 100)
        #expect(headers.values(of: .to).count == 100 && headers.isCut)
    }

    @Test("An empty message has no fields", arguments: ["", "\n", "\r\n", "\r\nbody"])
    func empty(text: String) {
        let headers = MessageHeaders(text.utf8)
        #expect(headers.messageID == nil && headers.date == nil && headers.subject.isEmpty)
        #expect(headers.hasEnd == !text.isEmpty)
    }

    @Test("A scanner that is reset knows nothing of the message before")
    func reset() {
        var scanner = HeaderScanner()
        scanner.push(Array("Subject: one\nMessage-ID: <".utf8)[...])
        scanner.reset()
        scanner.push(Array("Date: x\n\n".utf8)[...])
        let headers = scanner.finish()
        #expect(headers.subject.isEmpty && headers.messageID == nil && scanner.isComplete)
    }

    @Test(
        "A message identifier is compared without what servers change",
        arguments: [
            ("<a@x.test>", "a@x.test"), (" < a@\r\n x.test > ", "a@x.test"), ("a@x.test", "a@x.test"),
            ("(added) <a@x.test> (by b)", "a@x.test"), ("=?utf-8?Q?=3Ca=40x=2Etest=3E?=", "a@x.test"),
            ("<a@x.test", "a@x.test"), ("<>", nil), ("  ", nil), ("", nil), ("<A@x.test>", "A@x.test"),
        ] as [(String, String?)])
    func messageID(field: String, expected: String?) { #expect(MessageID(field)?.text == expected) }
}

extension String {
    func replacingLineEnds(with lineEnd: String) -> String {
        split(separator: "\r\n", omittingEmptySubsequences: false).joined(separator: lineEnd)
    }
}
