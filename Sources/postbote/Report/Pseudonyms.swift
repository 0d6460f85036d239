import Glibc

/// Puts placeholders in the place of mail addresses (`a1`), hosts (`h1`), names that somebody chose (`n1`) and folders (`f1`): the
/// same one wherever the same is meant, so that the report can still be followed.
struct Pseudonyms {
    private let names: Set<String>
    private let phrases: [String]
    /// Placeholders by what they stand for, in lower case.
    private var given: [String: String] = [:]
    private var counts: [Character: Int] = [:]

    /// - Parameters:
    ///   - names: words that are hidden where they stand alone.
    ///   - phrases: texts that are hidden wherever they are.
    init(hiding names: some Sequence<String>, phrases: some Sequence<String>) {
        self.names = Set(names.map { $0.lowercased() })
        self.phrases = Set(phrases).sorted { ($1.utf8.count, $0) < ($0.utf8.count, $1) }
    }

    mutating func hide(in line: String) -> String {
        var line = line
        for phrase in phrases where line.contains(phrase) {
            line = line.replacing(phrase, with: placeholder("f", phrase))
        }
        var result = ""
        var rest = line[...]
        while let first = rest.first {
            let address = rest.prefix { $0.isHexDigit || $0 == ":" || $0 == "." }
            if Pseudonyms.isIPv6(address) {
                result += placeholder("h", address)
                rest = rest.dropFirst(address.count)
            } else if Pseudonyms.isOfWord(first) {
                let word = rest.prefix(while: Pseudonyms.isOfWord)
                result += hidden(word)
                rest = rest.dropFirst(word.count)
            } else {
                result.append(first)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    private mutating func hidden(_ word: Substring) -> String {
        // A sentence may end with it.
        let core = word.prefix(word.count - word.reversed().prefix { ".-+=%".contains($0) }.count)
        let end = word[core.endIndex...]
        if names.contains(core.lowercased()) { return placeholder("n", core) + end }
        // KEY=value, as the journal has it.
        if let equals = core.firstIndex(of: "=") {
            let value = core[core.index(after: equals)...]
            if !value.isEmpty, core[..<equals].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) {
                return core[...equals] + hidden(value) + end
            }
        }
        if core.dropFirst().contains("@") { return placeholder("a", core) + end }
        if Pseudonyms.isHost(core) { return placeholder("h", core) + end }
        return String(word)
    }

    private mutating func placeholder(_ kind: Character, _ text: some StringProtocol) -> String {
        let key = text.lowercased()
        if let known = given[key] { return known }
        counts[kind, default: 0] += 1
        let placeholder = "\(kind)\(counts[kind, default: 0])"
        given[key] = placeholder
        return placeholder
    }

    // MARK: What is what

    private static func isOfWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "@._-+=%".contains(character)
    }

    /// Endings that files have and hosts do not.
    private static let endings: Set<String> = [
        "yaml", "yml", "db", "key", "pem", "crt", "sock", "service", "lock", "conf", "json", "txt", "d", "so",
    ]

    private static func isHost(_ word: Substring) -> Bool {
        let labels = word.split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count > 1, labels.allSatisfy(isLabel), let last = labels.last else { return false }
        if labels.count == 4, labels.allSatisfy({ UInt8($0) != nil }) {
            return !word.hasPrefix("127.") && word != "0.0.0.0"
        }
        return last.count > 1 && last.allSatisfy(\.isLetter) && !endings.contains(last.lowercased())
    }

    private static func isLabel(_ label: Substring) -> Bool {
        !label.isEmpty && label.allSatisfy { $0.isLetter || $0.isNumber || $0 == "-" }
    }

    private static func isIPv6(_ text: Substring) -> Bool {
        guard text.count(where: { $0 == ":" }) > 1, text != "::1", text.count > 3 else { return false }
        var address = in6_addr()
        return inet_pton(AF_INET6, String(text), &address) == 1
    }
}
