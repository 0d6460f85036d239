/// A language that the pages are written in.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case german = "de"

    /// The one that a browser wants most (RFC 9110 §12.5.4), English where it wants neither.
    static func wanted(_ acceptLanguage: String?) -> Language {
        guard let text = acceptLanguage, text.utf8.count <= Limits.acceptLanguageOctets else { return .english }
        var best: (language: Language, quality: Double)?
        for range in text.split(separator: ",") {
            let parts = range.split(separator: ";").map(\.trimmed)
            guard let tag = parts.first?.lowercased(), let quality = quality(parts.dropFirst()), quality > 0,
                let language = Language(tag: tag)
            else { continue }
            // Of those wanted alike the first.
            if quality > best?.quality ?? 0 { best = (language, quality) }
        }
        return best?.language ?? .english
    }

    /// `de`, `de-AT`, or `*`.
    private init?(tag: String) {
        let primary = tag == "*" ? "en" : String(tag.prefix { $0 != "-" })
        self.init(rawValue: primary)
    }

    private static func quality(_ parameters: ArraySlice<Substring>) -> Double? {
        guard let weight = parameters.first(where: { $0.lowercased().hasPrefix("q=") }) else { return 1 }
        guard let quality = Double(weight.dropFirst(2)), (0...1).contains(quality) else { return nil }
        return quality
    }
}
