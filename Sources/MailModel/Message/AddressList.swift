/// The addresses in a field such as To (address-list, RFC 5322 §3.4), read as tolerantly as can be done without
/// guessing.
///
/// Groups are opened, comments and routes (`<@a,@b:c@d>`, §4.4) dropped, quoted strings and encoded words decoded. A
/// semicolon separates addresses too, as Outlook writes them. What names no address is kept in `unreadable`: nobody
/// is written to on a guess, and nobody left out silently.
public struct AddressList: Hashable, Sendable {
    public private(set) var entries: [NamedAddress] = []
    /// The parts that are no address, as they are written.
    public private(set) var unreadable: [String] = []

    public init(_ field: some Collection<UInt8>) {
        var lexer = AddressLexer(field)
        var words: [AddressLexer.Word] = []
        var start = 0
        while let token = lexer.next() {
            switch token {
            case .word(let word):
                words.append(word)
            case .groupName:
                // `Name:` opens a group; its members follow like others.
                words.removeAll(keepingCapacity: true)
                start = lexer.position
            case .separator:
                add(words, source: lexer.source(from: start, to: lexer.position - 1), name: lexer.takeComment())
                words.removeAll(keepingCapacity: true)
                start = lexer.position
            }
            if entries.count >= Limits.addressesInField {
                unreadable.append(lexer.source(from: start, to: lexer.end))
                return
            }
        }
        let source = lexer.source(from: start, to: lexer.end)
        if lexer.isBroken { words.append(.broken) }
        add(words, source: source, name: lexer.takeComment())
    }

    private mutating func add(_ words: [AddressLexer.Word], source: String, name: String?) {
        guard !words.isEmpty else { return }
        if let entry = AddressList.entry(words, comment: name) {
            entries.append(entry)
        } else {
            unreadable.append(source)
        }
    }

    private static func entry(_ words: [AddressLexer.Word], comment: String?) -> NamedAddress? {
        if case .angle(let inside) = words.last {
            guard let address = address(inside) else { return nil }
            return NamedAddress(name: displayName(words.dropLast()), address: address)
        }
        return address(words[...]).map { NamedAddress(name: comment, address: $0) }
    }

    /// `local-part "@" domain`, or a local part alone.
    private static func address(_ words: ArraySlice<AddressLexer.Word>) -> MailAddress? {
        let at = words.lastIndex { $0 == .at }
        let local = words[..<(at ?? words.endIndex)]
        guard let localPart = joined(local) else { return nil }
        guard let at else { return MailAddress(localPart: localPart, domain: "") }
        guard let domain = joined(words[(at + 1)...]) else { return nil }
        return MailAddress(localPart: localPart, domain: domain)
    }

    private static func address(_ words: [AddressLexer.Word]) -> MailAddress? {
        guard case .at = words.first, let colon = words.firstIndex(of: .colon) else { return address(words[...]) }
        return address(words[(colon + 1)...])
    }

    /// Words with dots between them; `nil` where two words touch, as in `john doe@example.com`.
    private static func joined(_ words: ArraySlice<AddressLexer.Word>) -> String? {
        var text = ""
        var wordMayFollow = true
        for word in words {
            switch word {
            case .dot:
                text += "."
                wordMayFollow = true
            case .atom(let part), .quoted(let part), .literal(let part):
                guard wordMayFollow else { return nil }
                text += part
                wordMayFollow = false
            case .at, .angle, .colon, .broken:
                return nil
            }
        }
        return text.isEmpty ? nil : text
    }

    /// The phrase before the angle bracket; encoded words are decoded, which quoted strings should not hold but do.
    private static func displayName(_ words: ArraySlice<AddressLexer.Word>) -> String? {
        var text = ""
        for word in words {
            switch word {
            case .dot: text += "."
            case .at: text += "@"
            case .colon: text += ":"
            case .atom(let part), .quoted(let part), .literal(let part):
                text += text.isEmpty ? part : " \(part)"
            case .angle, .broken: break
            }
        }
        return text.isEmpty ? nil : HeaderText.decode(text.utf8)
    }
}
