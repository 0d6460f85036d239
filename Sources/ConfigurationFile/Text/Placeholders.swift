/// The placeholders `{account}`, `{address}`, `{folder}` and `{key}` in a text.
enum Placeholders {
    /// The first thing in braces that is not one of `legal`.
    static func unknown(in text: String, legal: [String]) -> String? {
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            let after = rest[rest.index(after: open)...]
            guard let close = after.firstIndex(of: "}") else { return String(rest[open...]) }
            let name = String(after[..<close])
            guard legal.contains(name) else { return "{\(name)}" }
            rest = after[after.index(after: close)...]
        }
        return nil
    }
}

extension Wanted where Result == String {
    /// Text with these placeholders and no others.
    static func template(_ wanted: Wanted<String>, _ legal: [String]) -> Wanted {
        let listed = legal.map { "{\($0)}" }.joined(separator: ", ")
        let suggest = { (text: String) -> String? in
            guard let unknown = Placeholders.unknown(in: text, legal: legal) else { return nil }
            return NearestSpelling.of(String(unknown.dropFirst().dropLast()), among: legal).map { "{\($0)}" }
        }
        return Wanted(
            words: "\(wanted.words) with no placeholders but \(listed)", suggest: suggest,
            read: { Placeholders.unknown(in: $0.text, legal: legal) == nil ? wanted.read($0) : nil }
        )
    }
}
