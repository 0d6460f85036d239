import CExplanations

/// Finds what a provider's error means.
public enum Explanations {
    /// Read at the first question, not at the start.
    static let table = ExplanationTable(text)

    private static var text: String {
        String(decoding: UnsafeBufferPointer(start: explanations_text(), count: explanations_length()), as: UTF8.self)
    }

    /// All that are known, in the order of the file; an entry with several keys comes once for each.
    public static var all: [Explanation] { table.entries.flatMap { entry in entry.keys.map { entry.shown(by: $0) } } }

    /// `nil` for a number that is not known.
    public static func of(aadsts number: Int) -> Explanation? {
        guard let index = table.numbers[number] else { return nil }
        let entry = table.entries[index]
        return entry.shown(by: entry.keys.first { $0.number == number } ?? entry.keys[0])
    }

    /// What is known about a code, a reply, or lines of a log that hold some: the most specific first, a few at most.
    public static func find(_ text: String) -> [Explanation] {
        let lines = String(text.prefix(Limits.text)).split(whereSeparator: \.isNewline)
        var found: [Explanation] = []
        for explanation in lines.flatMap({ find(in: Words(String($0)).list) })
        where !found.contains(explanation) { found.append(explanation) }
        if found.isEmpty, lines.count == 1 {
            // Part of a key, such as 5.7.139 or AUTHENTICATIONFAILED.
            let words = Words(String(lines[0])).list.map(Words.bare)
            let mentioned = keys { $0.mentions(words) }
            if mentioned.count <= Limits.found { found = mentioned.map { $0.entry.shown(by: $0.key) } }
        }
        return Array(found.prefix(Limits.found))
    }

    /// What the failure of a server or of Postbote itself means. `state` is what is left when neither is known.
    public static func of(serverLine: String?, reason: String, state: String) -> Explanation? {
        let words = Words([serverLine ?? "", reason].joined(separator: " ")).list
        return find(in: words).first ?? find(in: Words(state).list).first
    }

    /// The numbers in a text such as `AADSTS7000222: The provided client secret keys are expired.`, in their order.
    public static func numbers(in text: String) -> [Int] {
        text.prefix(4096).ranges(of: "AADSTS").compactMap { range in
            Int(text[range.upperBound...].prefix(10).prefix { $0.isASCII && $0.isNumber })
        }
    }

    /// The number that somebody asks about, known or not.
    public static func asked(in text: String) -> Int? { numbers(inWords: Words(text).list).first }

    /// Keys that somebody may have meant by a text that is not known.
    public static func nearest(to text: String) -> [String] {
        let words = Words(text).list
        if let number = numbers(inWords: words).first {
            let wanted = String(number)
            let near = table.numbers.keys.map { known in
                let text = String(known)
                return (
                    number: known, missing: wanted.count - shared(wanted, text),
                    longer: abs(text.count - wanted.count)
                )
            }
            return near.filter { wanted.count - $0.missing >= Limits.sharedDigits }
                .sorted { ($0.longer, $0.missing, $0.number) < ($1.longer, $1.missing, $1.number) }
                .prefix(Limits.nearest).map { "AADSTS\($0.number)" }
        }
        let asked = words.map(Words.bare)
        let whole = keys { $0.mentions(asked) }.map(\.key.text)
        if !whole.isEmpty { return Array(whole.prefix(Limits.nearest)) }
        // A third of the longer words is near; less is chance.
        let longer = Set(asked.filter { $0.utf8.count > 3 })
        let shares = keys { $0.shared(with: longer) * 3 >= max(longer.count, 1) }
            .map { (text: $0.key.text, count: $0.key.shared(with: longer)) }
        let most = shares.map(\.count).max() ?? 0
        return shares.filter { $0.count == most }.prefix(Limits.nearest).map(\.text)
    }

    // MARK: Parts

    /// Each number; of replies and of errors the longest pattern; what Postbote says itself only where nothing else is known.
    private static func find(in words: [String]) -> [Explanation] {
        var found: [Explanation] = []
        for number in numbers(inWords: words) {
            if let explanation = of(aadsts: number), !found.contains(explanation) { found.append(explanation) }
        }
        let matches = table.matches(in: words)
        let reply = best(matches.filter { $0.key.kind.isReply }, in: words)
        // A number of Entra's says more than the error it came with.
        let error = found.isEmpty ? best(matches.filter { $0.key.kind == .oauth }, in: words) : nil
        found += [reply, error].compactMap(\.self)
        return found.isEmpty ? [best(matches, in: words)].compactMap(\.self) : found
    }

    private static func best(
        _ matches: [ExplanationTable.Match], in words: [String]
    ) -> Explanation? {
        let ranked = matches.map { entry, key in
            (length: key.length, position: key.position(in: words) ?? 0, entry: entry, key: key)
        }
        return ranked.max { ($0.length, $1.position) < ($1.length, $0.position) }.map { $0.entry.shown(by: $0.key) }
    }

    private static func keys(
        where isWanted: (ExplanationKey) -> Bool
    ) -> [ExplanationTable.Match] {
        table.entries.flatMap { entry in entry.keys.filter(isWanted).map { (entry, $0) } }
    }

    /// `AADSTS50076`, a number alone, and those of Entra's field `error_codes`.
    private static func numbers(inWords words: [String]) -> [Int] {
        var numbers: [Int] = []
        var isCode = words.count == 1
        for word in words {
            if word.hasPrefix("aadsts"), let number = Int(word.dropFirst(6)) {
                numbers.append(number)
            } else if isCode, let number = Int(word) {
                numbers.append(number)
            } else {
                isCode = word == "error_codes"
            }
        }
        return numbers
    }

    private static func shared(_ left: String, _ right: String) -> Int {
        zip(left, right).prefix { $0 == $1 }.count
    }
}

extension ExplanationTable.Entry {
    func shown(by key: ExplanationKey) -> Explanation {
        var copy = explanation
        copy.key = key.text
        return copy
    }
}
