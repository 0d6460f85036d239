import Diagnostics
import MailModel
import Testing

/// A message as its sender meant it, and the ways in which servers write it.
private struct Mail {
    var messageID: String? = "abc.123@x.test"
    var date = "Mon, 3 Feb 2025 08:00:00 +0100"
    var from = [("Müller, Anna", "anna@x.test")]
    var to = [("Bob", "bob@y.test"), ("", "carol@z.test")]
    var subject = "Rechnung für März, zweite Mahnung und noch ein paar Wörter"

    /// What rendering this mail anew may do to its header.
    struct Rendering {
        var folds = false
        var encoding = "raw"
        var quotesNames = true
        var dropsNames = false
        var reverses = false
        var added = ""
        var date: String?
        var lowerCaseNames = false
    }

    func rendered(_ style: Rendering) -> [UInt8] {
        var fields: [String] = []
        if let messageID { fields.append("Message-ID:\(style.folds ? "\r\n" : "") <\(messageID)>") }
        fields.append("Date: \(style.date ?? date)")
        fields.append("From: \(list(from, style))")
        fields.append("To: \(list(style.reverses ? to.reversed() : to, style))")
        fields.append("Subject: \(encoded(subject, style))")
        if style.reverses { fields.reverse() }
        if style.lowerCaseNames {
            fields = fields.map { "\($0.prefix { $0 != ":" }.lowercased())\($0.drop { $0 != ":" })" }
        }
        let header = style.added + fields.joined(separator: "\r\n") + "\r\n\r\nbody"
        return Array(header.utf8)
    }

    private func list(_ addresses: [(String, String)], _ style: Rendering) -> String {
        addresses.map { name, address in
            if name.isEmpty || style.dropsNames { return style.quotesNames ? "<\(address)>" : address }
            let shown =
                style.quotesNames && style.encoding == "raw" ? "\"\(name)\"" : encoded(name, style, phrase: true)
            return "\(shown) <\(address)>"
        }.joined(separator: style.folds ? ",\r\n\t" : ", ")
    }

    private func encoded(_ text: String, _ style: Rendering, phrase: Bool = false) -> String {
        switch style.encoding {
        case "B", "Q":
            let size = style.folds ? 7 : 30
            let bytes = Array(text.utf8)
            return stride(from: 0, to: bytes.count, by: size).map { start in
                let part = bytes[start..<min(start + size, bytes.count)]
                return "=?UTF-8?\(style.encoding)?\(style.encoding == "B" ? base64(part) : quoted(part))?="
            }.joined(separator: "\r\n ")
        default:
            if phrase { return "\"\(text)\"" }
            return style.folds ? text.split(separator: " ").joined(separator: "\r\n ") : text
        }
    }

    private func quoted(_ bytes: ArraySlice<UInt8>) -> String {
        bytes.map { "=" + [$0].hexadecimal.uppercased() }.joined()
    }

    private func base64(_ bytes: ArraySlice<UInt8>) -> String {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        var text = ""
        for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.endIndex)]
            let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
            for index in 0..<4 { text.append(index <= group.count ? alphabet[bits >> (18 - 6 * index) & 63] : "=") }
        }
        return text
    }
}

@Suite struct IdentityKeyTests {
    private static let added = """
        Received: from a.x.test (10.0.0.1) by b.x.test with SMTP;\r
        \tMon, 3 Feb 2025 09:00:00 +0000\r
        X-MS-Exchange-Organization-SCL: -1\r
        X-MS-Has-Attach:\r
        Thread-Index: AQH\r

        """

    private static let renderings: [Mail.Rendering] = {
        var all: [Mail.Rendering] = []
        for folds in [false, true] {
            for encoding in ["raw", "B", "Q"] {
                for quotesNames in [false, true] {
                    for reverses in [false, true] {
                        all.append(
                            Mail.Rendering(
                                folds: folds, encoding: encoding, quotesNames: quotesNames, dropsNames: reverses,
                                reverses: reverses, added: quotesNames ? added : "",
                                date: folds ? "Mon, 3 Feb 2025 07:00:00 +0000 (UTC)" : nil, lowerCaseNames: reverses))
                    }
                }
            }
        }
        return all
    }()

    private func key(_ bytes: [UInt8]) -> IdentityKey { IdentityKey(MessageHeaders(bytes)) }

    @Test("Rendering a message anew keeps its key", arguments: ["abc.123@x.test", nil])
    func rendering(messageID: String?) {
        var mail = Mail()
        mail.messageID = messageID
        let keys = Set(IdentityKeyTests.renderings.map { key(mail.rendered($0)) })
        #expect(keys.count == 1)
    }

    @Test("Different mails have different keys")
    func different() {
        var mails = [
            Mail(), Mail(messageID: "ABC.123@x.test"), Mail(date: "Mon, 3 Feb 2025 08:00:01 +0100"), Mail(date: ""),
        ]
        mails += [
            Mail(messageID: nil), Mail(messageID: nil, date: ""), Mail(messageID: nil, from: [("", "eve@x.test")]),
            Mail(messageID: nil, to: [("", "bob@y.test")]), Mail(messageID: nil, subject: "Another"),
            Mail(messageID: nil, subject: ""),
        ]
        #expect(Set(mails.map { key($0.rendered(Mail.Rendering())) }).count == mails.count)
    }

    @Test("Values cannot move from one field to another")
    func borders() {
        let one = key(Array("From: a@x.test\n\n".utf8))
        let other = key(Array("To: a@x.test\n\n".utf8))
        let third = key(Array("Subject: a@x.test\n\n".utf8))
        #expect(Set([one, other, third]).count == 3)
    }

    @Test("The rules of version 1 do not change")
    func version() throws {
        let messageID = try #require(MessageID("<a@x.test>"))
        let withID = IdentityKey(messageID: messageID, date: Timestamp(seconds: 1_738_569_600))
        #expect(withID.description == expectedWithID)
        let without = key(
            Array("Date: Mon, 3 Feb 2025 08:00:00 +0000\nFrom: A@x.test\nTo: b@x.test\nSubject: a b\n\n".utf8))
        #expect(without.description == expectedWithout)
    }

    private let expectedWithID = "019741adf19786cb422c5b207bd8b9c840910ee208b5754d641578d380b733bf81"
    private let expectedWithout = "01e93ab75888a31f65c58fabc68bd4eeef62776972f3b138bd42125c2f33fb6fdc"

    @Test("A key is read back from its bytes, and from nothing else")
    func bytes() throws {
        let made = key(Mail().rendered(Mail.Rendering()))
        #expect(made.bytes.count == 33 && made.bytes[0] == 1)
        #expect(IdentityKey(bytes: made.bytes) == made)
        #expect(IdentityKey(bytes: Array(made.bytes.dropLast())) == nil)
    }

    @Test("Milliseconds of the date do not count")
    func seconds() throws {
        let messageID = try #require(MessageID("a"))
        #expect(
            IdentityKey(messageID: messageID, date: Timestamp(milliseconds: 1999))
                == IdentityKey(messageID: messageID, date: Timestamp(milliseconds: 1000)))
    }

    @Test("An identity holds the key and what breaks ties")
    func identity() {
        let text =
            "Message-ID: <a@x.test>\nDate: Mon, 3 Feb 2025 08:00:00 +0000\nList-Id: <l.x.test>\nDelivered-To: b@x.test\n\n"
        let identity = MessageIdentity(MessageHeaders(text.utf8))
        #expect(identity.messageID?.text == "a@x.test")
        #expect(identity.listID == "l.x.test" && identity.deliveredTo == "b@x.test")
        #expect(identity.key == key(Array(text.utf8)))
    }
}

@Suite struct ContentHashTests {
    @Test("The hash is SHA-256, however the message is cut")
    func sha256() {
        let bytes = Array("abc".utf8)
        for split in 0...3 {
            var stream = ContentHash.Stream()
            stream.push(bytes[..<split])
            stream.push(bytes[split...])
            #expect(stream.finish().description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        }
    }

    @Test("A hash is read back from exactly 32 bytes")
    func bytes() {
        let hash = ContentHash.Stream().finish()
        #expect(ContentHash(bytes: hash.bytes) == hash)
        #expect(ContentHash(bytes: Array(hash.bytes.dropLast())) == nil)
    }
}
