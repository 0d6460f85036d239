import Diagnostics
import Logging
import Testing

@testable import Operations

@Suite("A log record")
struct LogRecordTests {
    @Test("puts what an operator looks for first, then the rest by name")
    func order() {
        let metadata: Logger.Metadata = [
            "ZEBRA": "z", "REASON": "r", "ACCOUNT": "a", "OCTETS": "1", "EVENT": "e", "hb.request.id": "7",
        ]
        let record = LogRecord(.info, "hello", metadata)
        let expected = ["EVENT", "ACCOUNT", "REASON", "HB_REQUEST_ID", "OCTETS", "ZEBRA"]
        #expect(record.fields.map(\.key.description) == expected)
    }

    @Test(
        "keeps a field below its limit without cutting a character in two",
        arguments: ["x", "ü", "€", "😀"], [-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5])
    func fieldLimit(character: String, around: Int) {
        let limit = 8 * 1024
        let text = String(repeating: "a", count: limit + around - character.utf8.count) + character
        let value = LogRecord(.info, "", ["REASON": "\(text)"]).fields[0].value
        #expect(value.utf8.count <= limit)
        if text.utf8.count <= limit {
            #expect(value == text)
        } else {
            #expect(value.hasSuffix("…"))
            #expect(text.hasPrefix(value.dropLast()))
            #expect(value.utf8.count > limit - 8)
        }
    }

    @Test("drops fields beyond the limit of their number")
    func fieldCount() {
        let metadata = Dictionary(uniqueKeysWithValues: (0..<100).map { ("F\($0)", Logger.MetadataValue.string("")) })
        #expect(LogRecord(.info, "", metadata).fields.count == Limits.logFields)
    }

    @Test("shows a secret as nothing but that it is one")
    func secret() {
        let secret = Secret("planted-secret-0123456789")
        let record = LogRecord(.info, "\(secret)", ["TOKEN": "\(secret)", "OTHER": .stringConvertible(secret)])
        #expect(LogLine(record).description == "<secret> OTHER=<secret> TOKEN=<secret>")
    }
}

@Suite("A log line")
struct LogLineTests {
    @Test(
        "stays one line that steers no terminal",
        arguments: [
            ("plain", "KEY=plain"), ("two words", #"KEY="two words""#), ("", #"KEY="""#),
            (#"a"b"#, #"KEY="a\"b""#), (#"a\b"#, #"KEY="a\\b""#), ("a\nb", #"KEY="a\nb""#),
            ("a\r\nb", #"KEY="a\r\nb""#), ("\u{1b}[31m", #"KEY="\u{1b}[31m""#), ("\u{0}", #"KEY="\u{0}""#),
            ("\u{202e}x", #"KEY="\u{202e}x""#), ("\u{2028}", #"KEY="\u{2028}""#), ("Grüße", "KEY=Grüße"),
            ("a=b", "KEY=a=b"),
        ])
    func escaping(value: String, expected: String) {
        #expect(LogLine(LogRecord(.info, "m", ["KEY": "\(value)"])).description == "m \(expected)")
    }

    @Test("keeps a message on one line too")
    func message() { #expect(LogLine(LogRecord(.info, "a\nb", [:])).description == #"a\nb"#) }
}

@Suite("A journal entry")
struct JournalEntryTests {
    @Test("has the line as its message, and each field once more by itself")
    func plain() {
        let entry = JournalEntry(LogRecord(.warning, "hello", ["ACCOUNT": "support"]), identifier: "postbote")
        let text = String(decoding: entry.bytes, as: UTF8.self)
        let expected = "MESSAGE=hello ACCOUNT=support\nPRIORITY=4\nSYSLOG_IDENTIFIER=postbote\nACCOUNT=support\n"
        #expect(text == expected)
    }

    @Test("carries a value with line ends in the binary form, so that it cannot forge fields")
    func binary() {
        let entry = JournalEntry(LogRecord(.info, "m", ["REASON": "a\nPRIORITY=0"]), identifier: "p")
        let tail = Array("REASON\n".utf8) + [12, 0, 0, 0, 0, 0, 0, 0] + Array("a\nPRIORITY=0\n".utf8)
        #expect(entry.bytes.suffix(tail.count) == tail[...])
    }
}
