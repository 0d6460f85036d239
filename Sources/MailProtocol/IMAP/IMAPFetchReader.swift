import Diagnostics
import MailModel

/// Reads the attributes of a FETCH response as far as they have come (RFC 3501 §7.4.2).
///
/// It stops at each `BODY[…]` literal, whose octets follow the line, and begins anew behind it.
struct IMAPFetchReader {
    enum Outcome {
        /// The response is complete.
        case ended
        /// At the end of the line a literal begins: a whole message, or with a section a part of one.
        case literal(section: IMAPSection?, origin: UInt32?, octets: UInt64)
        /// A whole message came as a quoted string; more attributes follow.
        case quotedBody([UInt8], origin: UInt32?)
        /// The rest of the line cannot be read.
        case malformed
    }

    private(set) var cursor: IMAPCursor
    private(set) var fetch: IMAPFetch
    private let limits: IMAPLimits

    init(_ cursor: IMAPCursor, _ fetch: IMAPFetch, limits: IMAPLimits) {
        self.cursor = cursor
        self.fetch = fetch
        self.limits = limits
    }

    mutating func read() throws(Failure) -> Outcome {
        while true {
            cursor.skipSpaces()
            // Exchange is known to lose parentheses; the end of the line ends the response as well.
            if cursor.isAtEnd || cursor.takes(")") { return .ended }
            let name = cursor.word()
            guard !name.isEmpty else { return .malformed }
            if let outcome = try readAttribute(name) { return outcome }
        }
    }

    /// `nil`: read, go on with the next.
    private mutating func readAttribute(_ name: Range<Int>) throws(Failure) -> Outcome? {
        if cursor.current == UInt8(ascii: "[") {
            guard cursor.matches(name, "BODY") || cursor.matches(name, "BINARY") else { return try skipBracketed() }
            return try readSection()
        }
        cursor.skipSpaces()
        if cursor.matches(name, "RFC822") { return try readContent(of: nil, origin: nil) }
        if cursor.matches(name, "RFC822.HEADER") { return try readContent(of: .header, origin: nil) }
        if cursor.matches(name, "RFC822.TEXT") { return try readContent(of: .text, origin: nil) }
        let value = cursor
        if readValue(name) { return nil }
        // Unknown, or not as its name promises.
        cursor = value
        return try skip()
    }

    private mutating func readValue(_ name: Range<Int>) -> Bool {
        if cursor.matches(name, "UID") { return set(\.uid, cursor.number32().flatMap { UID($0) }) }
        if cursor.matches(name, "FLAGS") { return set(\.flags, cursor.flags(limit: limits.listElements)) }
        if cursor.matches(name, "RFC822.SIZE") { return set(\.size, cursor.number()) }
        if cursor.matches(name, "INTERNALDATE") {
            return set(\.internalDate, cursor.string().flatMap(IMAPDate.dateTime))
        }
        if cursor.matches(name, "MODSEQ") { return set(\.modSeq, modSeq()) }
        if cursor.matches(name, "EMAILID") { return set(\.emailID, cursor.objectID()) }
        if cursor.matches(name, "THREADID") { return cursor.takesNil() || set(\.threadID, cursor.objectID()) }
        if cursor.matches(name, "X-GM-MSGID") { return set(\.gmailMessageID, cursor.number()) }
        if cursor.matches(name, "X-GM-THRID") { return set(\.gmailThreadID, cursor.number()) }
        if cursor.matches(name, "X-GM-LABELS") { return set(\.gmailLabels, labels()) }
        return false
    }

    private mutating func set<Value>(_ attribute: WritableKeyPath<IMAPFetch, Value?>, _ value: Value?) -> Bool {
        guard let value, cursor.isAtEnd || cursor.current == 0x20 || cursor.current == UInt8(ascii: ")") else {
            return false
        }
        fetch[keyPath: attribute] = value
        return true
    }

    private mutating func modSeq() -> UInt64? {
        guard cursor.takes("("), let number = cursor.number(), cursor.takes(")") else { return nil }
        return number
    }

    private mutating func labels() -> [String]? {
        cursor.astrings(limit: limits.listElements)?.map { IMAPMailboxName(raw: $0).text }
    }

    private mutating func skip() throws(Failure) -> Outcome? {
        switch cursor.skipValue(nesting: limits.nesting) {
        case .whole: return nil
        case .malformed: return .malformed
        case .tooDeep: throw .overLimit("nested parentheses")
        }
    }
}

// MARK: BODY[…]

extension IMAPFetchReader {
    private mutating func readSection() throws(Failure) -> Outcome? {
        guard let section = section() else { return .malformed }
        var origin: UInt32?
        if cursor.takes("<") {
            guard let number = cursor.number32(), cursor.takes(">") else { return .malformed }
            origin = number
        }
        cursor.skipSpaces()
        return try readContent(of: section.name.isEmpty ? nil : section, origin: origin)
    }

    /// From `[` to behind `]`. Servers repeat header names quoted, as literals or bare, in the case they like.
    private mutating func section() -> IMAPSection? {
        guard cursor.takes("[") else { return nil }
        if let plain = cursor.plainSection() { return IMAPSection(plain) }
        var name: [UInt8] = []
        while let byte = cursor.current {
            switch byte {
            case UInt8(ascii: "]"):
                cursor.skip()
                return IMAPSection(String(decoding: name.map(IMAPCursor.uppercased), as: UTF8.self))
            case UInt8(ascii: "\""), UInt8(ascii: "{"):
                guard let field = cursor.string() else { return nil }
                name += field
            default:
                cursor.skip()
                name.append(byte)
            }
        }
        return nil
    }

    private mutating func skipBracketed() throws(Failure) -> Outcome? {
        guard section() != nil else { return .malformed }
        _ = cursor.atom()
        cursor.skipSpaces()
        return try skip()
    }

    private mutating func readContent(of section: IMAPSection?, origin: UInt32?) throws(Failure) -> Outcome? {
        if cursor.takesNil() {
            return try keep(nil, of: section, origin: origin)
        }
        if cursor.current == UInt8(ascii: "\"") {
            guard let text = cursor.string() else { return .malformed }
            return try keep(text, of: section, origin: origin)
        }
        guard let octets = cursor.literalHeader() else { return .malformed }
        // A literal that is already here has been kept by the parser, because it thought it small.
        guard cursor.isAtEnd else { return try readHeldLiteral(octets, of: section, origin: origin) }
        return .literal(section: section, origin: origin, octets: UInt64(octets))
    }

    private mutating func readHeldLiteral(
        _ octets: Int, of section: IMAPSection?, origin: UInt32?
    ) throws(Failure) -> Outcome? {
        guard let text = cursor.octets(octets) else { return .malformed }
        return try keep(text, of: section, origin: origin)
    }

    private mutating func keep(
        _ text: [UInt8]?, of section: IMAPSection?, origin: UInt32?
    ) throws(Failure) -> Outcome? {
        guard let section else {
            guard let text else {
                fetch.body = .none
                return nil
            }
            return .quotedBody(text, origin: origin)
        }
        guard fetch.sections.count < limits.sections else { throw .overLimit("sections of a message") }
        fetch.sections.append(IMAPSection.Content(section: section, origin: origin, bytes: text))
        return nil
    }
}
