/// What an entry is found by.
///
/// Written as a kind and a pattern: `AADSTS7000222`, `OAuth invalid_grant`, `SMTP 535 5.7.139 … is disabled for the Tenant`.
/// The pieces between `…` stand in a text in this order, each word for word. `4.7.500-699` stands for all codes from the
/// first to the last.
struct ExplanationKey: Hashable, Sendable {
    enum Kind: String, Sendable {
        case aadsts = "AADSTS"
        /// An error of a token endpoint, a sign-in page or a device endpoint.
        case oauth = "OAuth"
        case imap = "IMAP"
        case pop3 = "POP3"
        case smtp = "SMTP"
        /// What Postbote says itself of failures that have no reply.
        case postbote = "Postbote"
        /// A word of `status`, which must be all of a text: most are ordinary words.
        case state = "State"

        var isReply: Bool { self == .imap || self == .pop3 || self == .smtp }
    }

    enum Word: Hashable, Sendable {
        case exactly(String)
        case code(prefix: String, ClosedRange<Int>)

        init(_ text: String) {
            let parts = text.split(separator: "-")
            guard parts.count == 2, let dot = parts[0].lastIndex(of: "."),
                let first = Int(parts[0][parts[0].index(after: dot)...]), let last = Int(parts[1]), first <= last
            else {
                self = .exactly(text)
                return
            }
            self = .code(prefix: String(parts[0][...dot]), first...last)
        }

        func matches(_ word: String) -> Bool {
            switch self {
            case .exactly(let text): text == word
            case .code(let prefix, let range):
                word.hasPrefix(prefix) && Int(word.dropFirst(prefix.count)).map(range.contains) == true
            }
        }
    }

    let text: String
    let kind: Kind
    let pieces: [[Word]]
    /// Of AADSTS.
    let number: Int?
    /// All words of `text`, response codes without their bracket.
    private let ownWords: Set<String>

    /// `nil` when `text` is no key.
    init?(_ text: String) {
        self.text = text
        ownWords = Set(Words(text).list.map(Words.bare))
        if text.hasPrefix(Kind.aadsts.rawValue), let number = Int(text.dropFirst(Kind.aadsts.rawValue.count)) {
            kind = .aadsts
            self.number = number
            pieces = []
            return
        }
        number = nil
        guard let blank = text.firstIndex(of: " "), let kind = Kind(rawValue: String(text[..<blank])) else {
            return nil
        }
        self.kind = kind
        pieces = text[blank...].split(separator: "…").map { piece in
            // A range of codes is one word here and two in a text.
            piece.split(separator: " ").flatMap { part -> [Word] in
                let word = Word(String(part))
                if case .code = word { return [word] }
                return Words(String(part)).list.map { .exactly($0) }
            }
        }.filter { !$0.isEmpty }
        if pieces.isEmpty { return nil }
    }

    /// How much of a text a match explains.
    var length: Int { pieces.reduce(0) { $0 + $1.count } }

    /// Where the pattern begins in `words`; `nil` where it is not.
    func position(in words: [String]) -> Int? {
        if kind == .state, words.count != length { return nil }
        var start: Int?
        var from = 0
        for piece in pieces {
            guard let found = ExplanationKey.find(piece, in: words, from: from) else { return nil }
            start = start ?? found
            from = found + piece.count
        }
        return start
    }

    private static func find(_ piece: [Word], in words: [String], from: Int) -> Int? {
        guard words.count - from >= piece.count else { return nil }
        return (from...(words.count - piece.count)).first { start in
            piece.indices.allSatisfy { piece[$0].matches(words[start + $0]) }
        }
    }

    /// The word that a text must have somewhere; `nil`: one of several.
    var firstWord: String? {
        guard case .exactly(let word) = pieces.first?.first else { return nil }
        return word
    }

    /// Whether all of `words`, without brackets, are in the key.
    func mentions(_ words: [String]) -> Bool { !words.isEmpty && words.allSatisfy(ownWords.contains) }

    /// How many of `words`, without brackets, are in the key.
    func shared(with words: Set<String>) -> Int { ownWords.intersection(words).count }
}
