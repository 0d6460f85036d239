/// Takes an address list apart into words (RFC 5322 §3.2).
struct AddressLexer {
    indirect enum Word: Hashable {
        case atom(String)
        /// A quoted string, without the quoting.
        case quoted(String)
        /// `[192.0.2.1]`.
        case literal(String)
        case dot, at, colon
        /// What stands between angle brackets.
        case angle([Word])
        /// What cannot be read.
        case broken
    }

    enum Token: Hashable {
        case word(Word)
        /// A colon outside angle brackets: the words before it name a group.
        case groupName
        /// A comma or semicolon.
        case separator
    }

    private let bytes: [UInt8]
    private(set) var position = 0
    /// A quoted string, comment or angle bracket was not closed.
    private(set) var isBroken = false
    private var comment: String?

    init(_ field: some Collection<UInt8>) { bytes = Array(field) }

    var end: Int { bytes.count }

    func source(from start: Int, to end: Int) -> String {
        HeaderText.decode(bytes[start..<max(start, end)])
    }

    /// The last comment since this was asked, which in old mail holds the name: `a@example.com (Anna)`.
    mutating func takeComment() -> String? {
        defer { comment = nil }
        return comment
    }

    /// The next token, or `nil` at the end.
    mutating func next() -> Token? {
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: ";"):
                position += 1
                return .separator
            case UInt8(ascii: ":"):
                position += 1
                return .groupName
            case UInt8(ascii: "<"):
                position += 1
                return .word(angle())
            default:
                if let word = word() { return .word(word) }
            }
        }
        return nil
    }

    private mutating func angle() -> Word {
        var words: [Word] = []
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ">"):
                position += 1
                return .angle(words)
            case UInt8(ascii: ":"):
                position += 1
                words.append(.colon)
            case UInt8(ascii: ","):
                // Only a route has commas here; they say nothing.
                position += 1
            case UInt8(ascii: "<"):
                position += 1
                words.append(.broken)
            default:
                if let word = word() { words.append(word) }
            }
        }
        isBroken = true
        return .angle(words)
    }

    /// The word at the position; `nil` when it was white space or a comment.
    private mutating func word() -> Word? {
        let byte = bytes[position]
        switch byte {
        case _ where byte.isBlankOrLineEnd:
            position += 1
            return nil
        case UInt8(ascii: "("):
            readComment()
            return nil
        case UInt8(ascii: "\""):
            return quotedString()
        case UInt8(ascii: "["):
            return literal()
        case UInt8(ascii: "."):
            position += 1
            return .dot
        case UInt8(ascii: "@"):
            position += 1
            return .at
        default:
            let atom = bytes[position...].prefix { MailAddress.isAtomText($0) }
            position += max(1, atom.count)
            return atom.isEmpty ? .broken : .atom(Charset.undeclared(atom))
        }
    }

    private mutating func quotedString() -> Word {
        position += 1
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count { position += 1 }
            if bytes[position] != .carriageReturn, bytes[position] != .lineFeed { text.append(bytes[position]) }
            position += 1
        }
        guard position < bytes.count else {
            isBroken = true
            return .broken
        }
        position += 1
        return .quoted(Charset.undeclared(text))
    }

    private mutating func literal() -> Word {
        let text = bytes[position...].prefix { $0 != UInt8(ascii: "]") }
        guard position + text.count < bytes.count else {
            isBroken = true
            position = bytes.count
            return .broken
        }
        position += text.count + 1
        return .literal(Charset.undeclared(text.filter { !$0.isBlankOrLineEnd }) + "]")
    }

    private mutating func readComment() {
        let (rest, isClosed) = Comment.skip(bytes[position...])
        if !isClosed { isBroken = true }
        let text = HeaderText.decode(bytes[(position + 1)..<(rest.startIndex - (isClosed ? 1 : 0))])
        comment = text.isEmpty ? nil : text
        position = rest.startIndex
    }
}
