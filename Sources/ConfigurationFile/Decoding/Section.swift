/// A map of keys while it is decoded. Every key that is asked for is legal; those that are left over at the end are
/// unknown. So a key is declared where it is read, and nowhere else.
struct Section {
    /// The place in the schema: `providers.NAME`, `accounts.NAME.receive`; empty for the whole file.
    let path: String
    /// Where the section's own key stands: the place for errors about what is missing.
    let position: Position
    let findings: Findings
    private let entries: [Value.Entry]
    private var asked: [String] = []
    private var ignoresForeign = false

    /// `nil` when `value` is not a map, which is reported.
    init?(_ value: Value, named name: String, path: String, at position: Position, findings: Findings) {
        switch value.content {
        case .map(let entries): self.entries = entries
        case .invalid: return nil
        default:
            findings.error(at: value.position, "\(name) must be a map of keys, not \(value.kind)")
            return nil
        }
        self.path = path
        self.position = position
        self.findings = findings
    }

    // MARK: Taking keys

    /// The entry of `key`, unless it is absent or unset with `null`. A key with nothing behind it is an error.
    mutating func take(_ key: String) -> Value.Entry? {
        asked.append(key)
        guard let entry = entries.first(where: { $0.key == key }), !entry.value.isNull else { return nil }
        InactiveKeys.warn(about: entry, in: path, findings)
        guard case .nothing = entry.value.content else { return entry }
        findings.error(
            at: entry.keyPosition, "`\(key)` has no value; write null to unset it (a # begins a comment, quote it)"
        )
        return nil
    }

    /// Like `take`, for sections of the file that may be there without anything in them.
    mutating func takeSection(_ key: String) -> Value.Entry? {
        if let entry = entries.first(where: { $0.key == key }), case .nothing = entry.value.content {
            asked.append(key)
            return nil
        }
        return take(key)
    }

    /// Whether `key` is written and not unset, whatever it holds.
    func has(_ key: String) -> Bool {
        entries.contains { $0.key == key && !$0.value.isNull }
    }

    /// The entry of `key` as it is written, for a second look.
    func entry(_ key: String) -> Value.Entry? { entries.first { $0.key == key } }

    /// Reports that a key that must be there is not.
    func missing(_ key: String, _ hint: String) {
        guard !has(key) else { return }
        findings.error(at: position, "`\(key)` is missing: \(hint)")
    }

    /// Reports a key that is legal elsewhere, but not here.
    mutating func refuse(_ key: String, _ reason: String) {
        asked.append(key)
        guard let entry = entries.first(where: { $0.key == key }), !entry.value.isNull else { return }
        findings.error(at: entry.keyPosition, "`\(key)` does not belong here: \(reason)")
    }

    /// For a section whose legal keys are not known because of another error: only misspelt ones are reported then.
    mutating func ignoreRest() { ignoresForeign = true }

    /// Reports every key that nobody asked for. To be called once, at the end.
    func finish() {
        for entry in entries where !asked.contains(entry.key) {
            if ignoresForeign, NearestSpelling.of(entry.key, among: asked) == nil { continue }
            findings.error(
                at: entry.keyPosition, "unknown key `\(Quoted(entry.key))`", near: entry.key, legal: asked
            )
        }
    }

    /// All entries, for maps whose keys are names chosen by the operator.
    var named: [Value.Entry] { entries }
}
