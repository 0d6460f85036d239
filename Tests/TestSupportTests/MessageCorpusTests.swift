import TestSupport
import Testing

@Suite("The message corpus")
struct MessageCorpusTests {
    let corpus = MessageCorpus()

    @Test("is the same for the same seed, and another for another")
    func seeds() {
        let same = MessageCorpus()
        let other = MessageCorpus(seed: 2)
        for index in [0, 3, 11, 40, 199] {
            #expect(corpus[index] == same[index])
            #expect(corpus[index] != other[index] || corpus.kind(of: index) == .empty)
        }
    }

    @Test("holds one message of each kind in its first ones, all with CRLF", arguments: MessageKind.allCases)
    func kinds(_ kind: MessageKind) {
        let message = corpus.message(kind)
        let text = String(decoding: message, as: UTF8.self)
        #expect(message.isEmpty == (kind == .empty))
        #expect(!text.replacing("\r\n", with: "").contains("\n"))
        #expect(text.isEmpty || text.hasSuffix("\r\n"))
        #expect(text.replacing("\r\n", with: "").contains("\r") == (kind == .bareCR))
        #expect(
            (message.contains { $0 > 127 })
                == [.eightBit, .internationalHeaders, .forwarded, .invitation].contains(kind))
        #expect(text.contains("\r\n\r\n") == ![.empty, .headersOnly].contains(kind))
        #expect(text.contains("Message-ID: ") == ![.empty, .withoutMessageID].contains(kind))
        #expect(text.contains("\r\n.") == (kind == .dotLines))
        #expect((message.split(separator: 10).contains { $0.count > 1000 }) == (kind == .longLine))
        if kind == .largeAttachment { #expect((5 << 20) - 100..<(5 << 20) + 4000 ~= message.count) }
    }

    @Test("repeats a Message-ID where it should, and nowhere else")
    func identifiers() throws {
        var seen: [String: Int] = [:]
        for message in corpus.messages(200) {
            let transaction = SMTPTransaction(reversePath: "", recipients: [], bytes: message)
            if let identifier = transaction.header("Message-ID") { seen[identifier, default: 0] += 1 }
        }
        #expect(seen.values.filter { $0 > 1 } == [2])
    }

    @Test("makes small messages of exactly the size", arguments: [600, 601, 672, 673, 674, 675, 4095, 4096])
    func small(size: Int) {
        for message in corpus.small(5, size: size) { #expect(message.count == size) }
        #expect(Set(corpus.small(300)).count == 300)
    }

    @Test("has about 254 MB in 2,000 messages")
    func size() {
        let size = corpus.messages(2000).reduce(0) { $0 + $1.count }
        #expect(249_000_000...259_000_000 ~= size, "\(size)")
    }
}
