import Diagnostics
import MailModel

// What a line is, decided by how it begins (RFC 3501 §7).
extension IMAPResponseParser {
    mutating func readResponse(_ line: IMAPResponseLine, isFirst: Bool) throws(Failure) -> Progress {
        var cursor = line.cursor
        cursor.skipSpaces()
        switch cursor.current {
        // Some servers send an empty line after a literal or a message.
        case nil: return .again
        case UInt8(ascii: "+"):
            cursor.skip()
            _ = cursor.takes(" ")
            return .event(.continuation(Array(cursor.rest)))
        case UInt8(ascii: "*"):
            cursor.skip()
            return try readUntagged(line, cursor)
        // Exchange: a response code without `* OK` before it.
        case UInt8(ascii: "["): return try readBareCode(line, cursor)
        default: return try readTagged(line, cursor)
        }
    }

    private func readTagged(_ line: IMAPResponseLine, _ start: IMAPCursor) throws(Failure) -> Progress {
        var cursor = start
        guard let word = cursor.atom(), let tag = IMAPTag(word) else { return garbled(line) }
        cursor.skipSpaces()
        let statusLine = cursor.rest.text
        guard let status = cursor.takesStatus(), [.ok, .no, .bad].contains(status) else { return garbled(line) }
        var reader = IMAPReplyReader(cursor, status: status, line: statusLine, limits: limits)
        return .event(.tagged(tag, try reader.reply()))
    }

    private func readBareCode(_ line: IMAPResponseLine, _ cursor: IMAPCursor) throws(Failure) -> Progress {
        var reader = IMAPReplyReader(cursor, status: .ok, line: cursor.rest.text, limits: limits)
        let reply = try reader.reply()
        return reply.code == nil ? garbled(line) : .event(.untagged(.status(reply)))
    }

    private mutating func readUntagged(_ line: IMAPResponseLine, _ start: IMAPCursor) throws(Failure) -> Progress {
        var cursor = start
        cursor.skipSpaces()
        if cursor.current == UInt8(ascii: "[") { return try readBareCode(line, cursor) }
        var counted = cursor
        if let number = counted.number32() {
            counted.skipSpaces()
            return try readNumbered(line, number, counted)
        }
        let statusLine = cursor
        if let status = cursor.takesStatus() {
            var reader = IMAPReplyReader(cursor, status: status, line: statusLine.rest.text, limits: limits)
            return .event(.untagged(.status(try reader.reply())))
        }
        return try readData(line, cursor)
    }

    private mutating func readNumbered(
        _ line: IMAPResponseLine, _ number: UInt32, _ start: IMAPCursor
    ) throws(Failure) -> Progress {
        var cursor = start
        let keyword = cursor.word()
        if cursor.matches(keyword, "FETCH") {
            cursor.skipSpaces()
            guard cursor.takes("(") else { return garbled(line) }
            fetch = IMAPFetch(sequenceNumber: number)
            var attributes = line
            attributes.start = cursor.position
            return try readAttributes(attributes)
        }
        try refuseLiteral(line)
        if cursor.matches(keyword, "EXISTS") { return .event(.untagged(.exists(number))) }
        if cursor.matches(keyword, "EXPUNGE") { return .event(.untagged(.expunge(number))) }
        if cursor.matches(keyword, "RECENT") { return .event(.untagged(.recent(number))) }
        return garbled(line)
    }

    private mutating func readData(_ line: IMAPResponseLine, _ start: IMAPCursor) throws(Failure) -> Progress {
        var cursor = start
        let keyword = cursor.keyword(cursor.word())
        guard keyword.utf8.first.map({ (0x41...0x5A).contains($0) }) == true else { return garbled(line) }
        if let literal = line.literal {
            if IMAPResponseParser.withoutLiterals.contains(keyword) { try refuseLiteral(line) }
            return try hold(line, literal: literal.octets)
        }
        heldLiterals = 0
        cursor.skipSpaces()
        var reader = IMAPUntaggedReader(cursor, limits: limits)
        guard let response = try reader.response(keyword) else { return garbled(line) }
        return .event(.untagged(response))
    }

    private static let withoutLiterals: Set<String> = [
        "CAPABILITY", "ENABLED", "FLAGS", "SEARCH", "ESEARCH", "VANISHED",
    ]

    private func refuseLiteral(_ line: IMAPResponseLine) throws(Failure) {
        guard line.literal != nil else { return }
        throw .outOfStep("The server announced a literal where none may be.", line: String(line.text.prefix(200)))
    }

    private func garbled(_ line: IMAPResponseLine) -> Progress {
        .event(.garbled(line.bytes[line.start..<line.end].prefix(IMAPResponseParser.garbledOctets).text))
    }

    /// Octets kept of a line that is no IMAP: enough for an operator to see what it was.
    private static let garbledOctets = 1_024
}

// MARK: FETCH

extension IMAPResponseParser {
    /// Reads on in the FETCH response at hand, as far as the line goes.
    mutating func readAttributes(_ line: IMAPResponseLine) throws(Failure) -> Progress {
        guard let begun = fetch else { return .again }
        let literal = line.literal
        // A literal that cannot be a body belongs to the structure of some attribute: it is kept, and read with it.
        if let literal, !line.mayBeBody(before: literal.brace) { return try hold(line, literal: literal.octets) }
        var reader = IMAPFetchReader(line.cursor, begun, limits: limits)
        switch try reader.read() {
        case .literal(let section, let origin, let octets):
            fetch = reader.fetch
            return try begin(section, origin: origin, octets: octets)
        case .quotedBody(let text, let origin):
            fetch = reader.fetch
            putBack(line, from: reader.cursor.position)
            let body = began(origin: origin, octets: text.count)
            state = .quotedBody(text)
            return body
        case .malformed where literal != nil, .ended where literal != nil:
            return try hold(line, literal: literal?.octets ?? 0)
        case .ended, .malformed:
            // A line that cannot be read to its end is still a line: what was understood counts, and the next is in step.
            fetch = nil
            heldLiterals = 0
            return .event(.fetched(reader.fetch))
        }
    }

    private mutating func begin(
        _ section: IMAPSection?, origin: UInt32?, octets: UInt64
    ) throws(Failure) -> Progress {
        guard octets <= UInt64(limits.message) else { throw .overLimit("octets of a message") }
        guard let section else {
            let body = began(origin: origin, octets: Int(octets))
            state = .body(remaining: Int(octets))
            return body
        }
        guard fetch?.sections.count ?? 0 < limits.sections else { throw .overLimit("sections of a message") }
        self.section = IMAPSection.Content(section: section, origin: origin, bytes: [], octets: Int(octets))
        state = .section(remaining: Int(octets))
        return .again
    }

    private mutating func began(origin: UInt32?, octets: Int) -> Progress {
        fetch?.body = .streamed(octets: octets)
        return .event(
            .bodyBegan(
                IMAPBody(
                    sequenceNumber: fetch?.sequenceNumber ?? 0, uid: fetch?.uid, octets: octets, origin: origin)))
    }

    /// Reads the rest of the line once more, as if it had come after what was taken from it.
    private mutating func putBack(_ line: IMAPResponseLine, from index: Int) {
        chunk = Array(line.bytes[index..<line.next]) + chunk[position...]
        position = 0
    }
}

extension IMAPCursor {
    /// `OK`, `NO`, `BAD`, `BYE`, `PREAUTH` as a whole word.
    mutating func takesStatus() -> IMAPReply.Status? {
        let start = self
        let word = word()
        if matches(word, "OK") { return .ok }
        if matches(word, "NO") { return .no }
        if matches(word, "BAD") { return .bad }
        if matches(word, "BYE") { return .bye }
        if matches(word, "PREAUTH") { return .preauth }
        self = start
        return nil
    }

    /// `*` and the keyword, as a whole word with data behind it.
    mutating func takesUntagged(_ keyword: StaticString) -> Bool {
        skipSpaces()
        guard takes("*") else { return false }
        skipSpaces()
        let word = word()
        return current == 0x20 && matches(word, keyword)
    }
}
