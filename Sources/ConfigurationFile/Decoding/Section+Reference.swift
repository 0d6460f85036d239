import MailModel

extension Section {
    /// The value of `key` as the name of something that is defined.
    mutating func reference<Subject>(
        _ key: String, to what: String, among known: some Collection<Name<Subject>>
    ) -> Name<Subject>? {
        take(key).flatMap { reference($0.value, in: "`\(key)`", to: what, among: known) }
    }

    /// The value of `key` as names of things that are defined, none twice.
    mutating func references<Subject>(
        _ key: String, to what: String, among known: some Collection<Name<Subject>>
    ) -> [Name<Subject>]? {
        var seen: Set<Name<Subject>> = []
        return list(key, mayBeEmpty: false) { section, value in
            let found = section.reference(value, in: "an entry of `\(key)`", to: what, among: known)
            guard let found, !seen.insert(found).inserted else { return found }
            section.findings.error(at: value.position, "`\(found)` is listed twice in `\(key)`")
            return nil
        }
    }

    private func reference<Subject>(
        _ value: Value, in place: String, to what: String, among known: some Collection<Name<Subject>>
    ) -> Name<Subject>? {
        guard let text = read(value, as: .text("the name of \(what.article) \(what)"), named: place) else {
            return nil
        }
        if let name = Name<Subject>(text), known.contains(name) { return name }
        guard findings.isComplete else { return nil }
        findings.error(
            at: value.position, "there is no \(what) `\(Quoted(text))`", near: text, legal: known.lazy.map(\.text)
        )
        return nil
    }
}

extension String {
    fileprivate var article: String { first.map { "aeiou".contains($0) } == true ? "an" : "a" }
}
