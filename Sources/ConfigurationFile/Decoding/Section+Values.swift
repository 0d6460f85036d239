extension Section {
    /// The value of `key` as the scalar that is `wanted`.
    mutating func value<Result>(_ key: String, _ wanted: Wanted<Result>) -> Result? {
        take(key).flatMap { read($0.value, as: wanted, named: "`\(key)`") }
    }

    /// Like `value`; for a word that was misspelt, the one that was probably meant, so that what depends on it is checked.
    mutating func meant<Word: RawRepresentable<String>>(_ key: String, _ wanted: Wanted<Word>) -> Word? {
        if let word = value(key, wanted) { return word }
        return entry(key)?.value.scalar.flatMap { wanted.suggest($0.text) }.flatMap(Word.init)
    }

    /// The value of `key` as a list. Entries that are wrong are reported and left out.
    mutating func list<Result>(
        _ key: String, of wanted: Wanted<Result>, mayBeEmpty: Bool = true
    ) -> [Result]? {
        list(key, mayBeEmpty: mayBeEmpty) { section, value in
            section.read(value, as: wanted, named: "an entry of `\(key)`")
        }
    }

    mutating func list<Result>(
        _ key: String, mayBeEmpty: Bool = true, _ element: (inout Section, Value) -> Result?
    ) -> [Result]? {
        guard let entry = take(key) else { return nil }
        guard case .list(let values) = entry.value.content else {
            complain(entry.value, "`\(key)` must be a list, such as [a, b], not \(entry.value.kind)")
            return nil
        }
        if values.isEmpty, !mayBeEmpty { findings.error(at: entry.value.position, "`\(key)` must not be empty") }
        return values.compactMap { element(&self, $0) }
    }

    /// The value of `key` as one scalar, or as a list of them.
    mutating func oneOrSeveral<Result>(_ key: String, _ wanted: Wanted<Result>) -> [Result]? {
        guard let entry = entry(key), case .list = entry.value.content else {
            return value(key, wanted).map { [$0] }
        }
        return list(key, of: wanted, mayBeEmpty: false)
    }

    /// The value of `key` as a section of its own. What `body` does not ask for is unknown.
    mutating func section<Result>(_ key: String, _ body: (inout Section) -> Result?) -> Result? {
        guard let entry = take(key) else { return nil }
        return Section.decode(entry, path: joined(key), findings, body)
    }

    /// The value of `key` as a map from names to what `body` makes of them.
    mutating func map<Result>(
        _ key: String, _ body: (Value.Entry, _ path: String) -> Result?
    ) -> [String: Result]? {
        guard let entry = takeSection(key),
            let section = Section(
                entry.value, named: "`\(key)`", path: joined(key), at: entry.keyPosition, findings: findings
            )
        else { return nil }
        let pairs = section.named.compactMap { named in body(named, section.path + ".NAME").map { (named.key, $0) } }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    static func decode<Result>(
        _ entry: Value.Entry, path: String, _ findings: Findings, _ body: (inout Section) -> Result?
    ) -> Result? {
        let name = "`\(Quoted(entry.key))`"
        return decode(entry.value, named: name, path: path, at: entry.keyPosition, findings, body)
    }

    static func decode<Result>(
        _ value: Value, named name: String, path: String, at position: Position, _ findings: Findings,
        _ body: (inout Section) -> Result?
    ) -> Result? {
        guard var section = Section(value, named: name, path: path, at: position, findings: findings) else {
            return nil
        }
        let result = body(&section)
        section.finish()
        return result
    }

    func joined(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The scalar in `value` as what is wanted; reported under `name` when it is not.
    func read<Result>(_ value: Value, as wanted: Wanted<Result>, named name: String) -> Result? {
        guard let scalar = value.scalar else {
            complain(value, "\(name) must be \(wanted.words), not \(value.kind)")
            return nil
        }
        if let result = wanted.read(scalar) { return result }
        var shown = wanted.isSecret ? "" : scalar.text.isEmpty ? ", not empty" : ", not `\(Quoted(scalar.text))`"
        if !scalar.isPlain, wanted.read(.init(text: scalar.text, isPlain: true)) != nil {
            shown = ", without quotes"
        }
        findings.error(
            at: value.position, "\(name) must be \(wanted.words)\(shown)", suggestion: wanted.suggest(scalar.text)
        )
        return nil
    }

    /// Reports that a value is not what it must be, unless an error was reported there already.
    func complain(_ value: Value, _ message: String) {
        if case .invalid = value.content { return }
        findings.error(at: value.position, message)
    }
}
