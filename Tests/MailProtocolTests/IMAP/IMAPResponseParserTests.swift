import Diagnostics
import MailModel
import Testing

@testable import MailProtocol

@Suite("IMAP response parser")
struct IMAPResponseParserTests {
    @Test("Reads", arguments: ParserFixture.all)
    func reads(fixture: ParserFixture) throws {
        #expect(try transcript([fixture.wire]) == fixture.events)
    }

    @Test("Every split in two makes no difference", arguments: ParserFixture.all)
    func everySplit(fixture: ParserFixture) throws {
        for split in 0...fixture.wire.count {
            let chunks = [Array(fixture.wire[..<split]), Array(fixture.wire[split...])]
            #expect(try transcript(chunks) == fixture.events, "split at \(split)")
        }
    }

    @Test("One octet at a time makes no difference", arguments: ParserFixture.all)
    func octetByOctet(fixture: ParserFixture) throws {
        #expect(try transcript(fixture.wire.map { [$0] }) == fixture.events)
    }

    @Test("Every truncation gives the beginning of the events, and is known to be one", arguments: ParserFixture.all)
    func everyTruncation(fixture: ParserFixture) throws {
        for length in 0..<fixture.wire.count {
            var parser = IMAPResponseParser()
            parser.feed(Array(fixture.wire[..<length]))
            var count = 0
            while let event = try parser.next() {
                if case .bodyBytes = event { continue }
                count += 1
            }
            #expect(count <= fixture.events.count)
            let endsLine = length == 0 || fixture.wire[length - 1] == 0x0A
            #expect(endsLine || !parser.isBetweenResponses)
        }
    }

    @Test("At the end of a response the parser is between responses", arguments: ParserFixture.all)
    func between(fixture: ParserFixture) throws {
        var parser = IMAPResponseParser()
        #expect(parser.isBetweenResponses)
        parser.feed(fixture.wire)
        while try parser.next() != nil {}
        #expect(parser.isBetweenResponses)
    }

    @Test("Octets of a message are slices of the chunk, not copies")
    func slices() throws {
        var parser = IMAPResponseParser()
        let chunk = Array("* 1 FETCH (UID 1 BODY[] {4}\r\nabcd)\r\n".utf8)
        parser.feed(chunk)
        var bodies: [ArraySlice<UInt8>] = []
        while let event = try parser.next() {
            if case .bodyBytes(let body) = event { bodies.append(body) }
        }
        #expect(bodies.count == 1)
        let address = chunk.withUnsafeBufferPointer { $0.baseAddress }
        let body = bodies[0].withUnsafeBufferPointer { $0.baseAddress }
        #expect(address.map { $0 + 29 } == body)
    }

    @Test("What was fed before the last was used up is not lost")
    func fedTwice() throws {
        var parser = IMAPResponseParser()
        parser.feed(Array("* 1 EXISTS\r\n* 2 EX".utf8))
        #expect(try parser.next() == .untagged(.exists(1)))
        parser.feed(Array("ISTS\r\n".utf8))
        #expect(try parser.next() == .untagged(.exists(2)))
        #expect(try parser.next() == nil)
    }

    @Test(
        "A fragment of a line at the beginning is dropped",
        arguments: [
            "", "\r\n", "\n", "ouncement\r\n", "001 OK done\r\n", "A001 OK done\r\n", "x {500}\r\n", ")\r\n",
            "pb\r\n",
            " [ALERT] x\r\n", "pbx OK\r\n",
        ])
    func fragment(text: String) throws {
        let wire = Array((text + "* 3 EXISTS\r\npb1 OK x\r\n").utf8)
        for split in 0...wire.count {
            let parser = IMAPResponseParser(start: .fragment)
            let events = try transcript([Array(wire[..<split]), Array(wire[split...])], parser: parser)
            #expect(events.suffix(2) == [.untagged(.exists(3)), .tagged(IMAPTag(1), IMAPReply(.ok, text: "x"))])
            #expect(!events.contains { if case .garbled = $0 { true } else { false } })
        }
    }

    @Test("Only the first line may be a fragment")
    func secondLineIsNoFragment() throws {
        let parser = IMAPResponseParser(start: .fragment)
        #expect(try transcript([Array("a\r\nb\r\n".utf8)], parser: parser) == [.garbled("b")])
    }

    @Test("Half a million search results come as one range, in whatever chunks")
    func longSearch() throws {
        let line = "* SEARCH " + (1...500_000).map(String.init).joined(separator: " ") + "\r\n* 1 EXISTS\r\n"
        let wire = Array(line.utf8)
        for size in [wire.count, 16_384, 997] {
            let chunks = stride(from: 0, to: wire.count, by: size).map {
                Array(wire[$0..<min($0 + size, wire.count)])
            }
            #expect(try transcript(chunks) == [.untagged(.search(UIDSet(1...500_000))), .untagged(.exists(1))])
        }
    }

    @Test("Search results in descending order are no slower and no less")
    func descendingSearch() throws {
        let numbers = stride(from: 200_001, to: 0, by: -2).map(String.init).joined(separator: " ")
        let events = try transcript("* SEARCH \(numbers) 0 7 7\r\n")
        guard case .untagged(.search(let found))? = events.first else {
            Issue.record("no search result")
            return
        }
        #expect(found.count == 100_001)
        #expect(found.ranges.first == 1...1)
    }
}

@Suite("Limits of the IMAP response parser")
struct IMAPResponseParserLimitTests {
    struct Excess: Sendable, CustomTestStringConvertible {
        var name: String
        /// What is sent, with so many of what is limited.
        var wire: @Sendable (Int) -> String
        var set: @Sendable (inout IMAPLimits) -> Void
        /// The most that passes.
        var most: Int

        var testDescription: String { name }
    }

    static let excesses: [Excess] = [
        Excess(name: "a line", wire: { "* OK \(text($0))\r\n" }, set: { $0.line = 105 }, most: 99),
        Excess(name: "a line that never ends", wire: { "* OK \(text($0))" }, set: { $0.line = 105 }, most: 100),
        Excess(
            name: "a line within FETCH", wire: { "* 1 FETCH (BODY[] {1}\r\na X-A \(text($0)))\r\n" },
            set: { $0.line = 105 }, most: 98),
        Excess(
            name: "a set", wire: { "* VANISHED 1\(text($0, ",2"))\r\n" },
            set: {
                $0.line = 20
                $0.setLine = 112
            }, most: 49),
        Excess(
            name: "a kept literal", wire: { "* LIST () NIL {\($0)}\r\n\(text($0))\r\n" }, set: { $0.response = 121 },
            most: 100),
        Excess(
            name: "literals of one response", wire: { "* X-A \(text($0, "{0}\r\n"))\r\n" }, set: { $0.literals = 7 },
            most: 7),
        Excess(
            name: "literals within FETCH", wire: { "* 1 FETCH (X-A (\(text($0, "{0}\r\n"))))\r\n" },
            set: { $0.literals = 7 }, most: 7),
        Excess(
            name: "a message", wire: { "* 1 FETCH (BODY[] {\($0)}\r\n" }, set: { $0.message = 1_000 }, most: 1_000),
        Excess(
            name: "sections", wire: { "* 1 FETCH (\(text($0, "BODY[1] NIL ")))\r\n" }, set: { $0.sections = 5 },
            most: 5),
        Excess(
            name: "sections as literals", wire: { "* 1 FETCH (\(text($0, "BODY[1] {1}\r\na ")))\r\n" },
            set: { $0.sections = 5 }, most: 5),
        Excess(
            name: "nested parentheses", wire: { "* 1 FETCH (X-A \(text($0, "("))\(text($0, ")")))\r\n" },
            set: { $0.nesting = 20 }, most: 20),
        Excess(
            name: "capabilities", wire: { "* CAPABILITY \(text($0, "A "))\r\n" }, set: { $0.capabilities = 9 },
            most: 9),
        Excess(
            name: "capabilities in a code", wire: { "* OK [CAPABILITY \(text($0, "A "))] x\r\n" },
            set: { $0.capabilities = 9 }, most: 9),
        Excess(
            name: "search results", wire: { "* SEARCH \(text($0, "1 "))\r\n" }, set: { $0.searchResults = 9 }, most: 9
        ),
        Excess(name: "lines that are no IMAP", wire: { text($0, "x\r\n") }, set: { $0.garbledLines = 6 }, most: 6),
    ]

    private static func text(_ count: Int, _ piece: String = "x") -> String { String(repeating: piece, count: count) }

    @Test("The most that is allowed passes, one more does not", arguments: excesses)
    func limit(excess: Excess) throws {
        var limits = IMAPLimits()
        excess.set(&limits)
        #expect(throws: Never.self) { try transcript(excess.wire(excess.most), limits: limits) }
        let failure = #expect(throws: Failure.self) { try transcript(excess.wire(excess.most + 1), limits: limits) }
        #expect(failure?.scope == .direction)
        #expect(throws: Failure.self) {
            let parser = IMAPResponseParser(limits: limits)
            _ = try transcript(excess.wire(excess.most + 1).utf8.map { [$0] }, parser: parser)
        }
    }

    @Test("A list longer than allowed is not taken", arguments: ["FLAGS", "LIST", "ID"])
    func longList(keyword: String) throws {
        var limits = IMAPLimits()
        limits.listElements = 4
        let line = "* \(keyword) (\(String(repeating: "a b ", count: 5))) NIL x"
        #expect(try transcript(line + "\r\n", limits: limits) == [.garbled(line)])
    }

    @Test("A section longer than the limit is cut, and says so")
    func cutSection() throws {
        var limits = IMAPLimits()
        limits.section = 4
        let events = try transcript("* 1 FETCH (BODY[HEADER] {6}\r\nabcdef UID 3)\r\n", limits: limits)
        guard case .fetched(let fetch)? = events.first else {
            Issue.record("no FETCH")
            return
        }
        #expect(fetch.uid == UID(3))
        #expect(fetch.header == Array("abcd".utf8))
        #expect(fetch.sections.first?.octets == 6)
        #expect(fetch.sections.first?.isCut == true)
    }

    @Test(
        "A literal where none may be ends the connection",
        arguments: [
            "* CAPABILITY {5}", "* FLAGS (a {2}", "* 3 EXISTS {1}", "* 3 EXPUNGE {1}", "* VANISHED {2}",
            "* SEARCH {4}",
        ])
    func literalWhereNoneMayBe(line: String) {
        #expect(throws: Failure.self) { try transcript(line + "\r\n") }
    }

    @Test(
        "Literals of absurd lengths do no harm",
        arguments: [
            "* 1 FETCH (BODY[] {99999999999999999999}", "* LIST () NIL {99999999999999999999}",
            "* 1 FETCH (BODY[] {9223372036854775807}", "* X {18446744073709551615}",
            "* 1 FETCH (X {9223372036854775807}",
        ])
    func absurdLiteral(line: String) {
        var parser = IMAPResponseParser()
        parser.feed(Array((line + "\r\n").utf8))
        #expect(throws: Failure.self) {
            var parser = IMAPResponseParser()
            parser.feed(Array((line + "\r\nabc\r\n").utf8))
            while try parser.next() != nil {}
            throw Failure(.direction, .never, operation: "test", reason: "survived")
        }
    }

    @Test("Search results that are no numbers end the connection", arguments: ["1 x", "4294967296", "1,2", "-1"])
    func badSearch(numbers: String) {
        #expect(throws: Failure.self) { try transcript("* SEARCH \(numbers)\r\n") }
    }

    @Test("After a failure there is only that failure")
    func failsForEver() throws {
        var parser = IMAPResponseParser()
        parser.feed(Array("* SEARCH x\r\n* 1 EXISTS\r\n".utf8))
        let first = #expect(throws: Failure.self) { try parser.next() }
        parser.feed(Array("* 2 EXISTS\r\n".utf8))
        let second = #expect(throws: Failure.self) { try parser.next() }
        #expect(first == second)
    }

    @Test("A tagged reply forgives the garbled lines before it")
    func forgiven() throws {
        var limits = IMAPLimits()
        limits.garbledLines = 2
        #expect(throws: Never.self) {
            try transcript(String(repeating: "x\r\ny\r\npb1 OK z\r\n", count: 10), limits: limits)
        }
    }
}
