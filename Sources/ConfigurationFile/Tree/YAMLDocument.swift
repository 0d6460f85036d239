import Yams

/// Turns one file into values. What is reported here: text that is not UTF-8 or not YAML, keys written twice, and the
/// parts of YAML that a configuration does not use (anchors, aliases, merge keys, tags, keys that are no text).
struct YAMLDocument {
    let file: Int
    let findings: Findings
    /// The letters that `rename` replaced, by where they stand.
    private var renamed: [Position: Unicode.Scalar] = [:]

    init(file: Int, findings: Findings) {
        self.file = file
        self.findings = findings
    }

    /// The document's root; `nil` when there is none, or when it cannot be read, which is reported.
    mutating func root(of bytes: [UInt8]) -> Value? {
        do throws(DocumentText.Fault) {
            let text = try DocumentText.read(bytes)
            try BeforeScanning.check(text)
            return try compose(text)
        } catch {
            findings.isComplete = false
            let position = Position(file: file, line: error.line, column: error.column)
            findings.error(at: position, error.message)
            return nil
        }
    }

    // MARK: Keys written twice

    // Yams gives up at the first map with a key twice. So that everything else is checked as well, the first letter of the
    // first one is replaced by a private one of the same width, which moves no position, and put back in `key(of:)`.
    private mutating func compose(_ original: String) throws(DocumentText.Fault) -> Value? {
        var text = original
        while true {
            do {
                // Without resolver rules every scalar stays text: `no`, `1:30` and `0660` are what they look like.
                let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
                // Nodes refer to their anchors weakly: the parser has to outlive the conversion.
                return try withExtendedLifetime(parser) { try parser.singleRoot().map { convert($0, depth: 0) } }
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                guard renamed.count < Limits.duplicateKeys, rename(at: context.mark, in: &text) else {
                    let message = "`\(keys.sorted()[0])` is written twice in this map"
                    throw DocumentText.Fault(line: context.mark.line, column: context.mark.column, message: message)
                }
            } catch {
                throw YAMLProblem.fault(of: error, in: text)
            }
        }
    }

    private mutating func rename(at mark: Mark, in text: inout String) -> Bool {
        let position = Position(file: file, line: mark.line, column: mark.column)
        guard renamed[position] == nil,
            var index = TextPlace.index(line: mark.line, column: mark.column, in: text)
        else { return false }
        if "\"'".unicodeScalars.contains(text.unicodeScalars[index]) {
            index = text.unicodeScalars.index(after: index)
        }
        let letter = text.unicodeScalars[index]
        guard letter.properties.isAlphabetic || letter.properties.numericType != nil else { return false }
        guard let standIn = Unicode.Scalar(0xE000 + UInt32(renamed.count)) else { return false }
        text.unicodeScalars.replaceSubrange(index...index, with: [standIn])
        renamed[position] = letter
        return true
    }

    private func key(of scalar: Node.Scalar) -> String {
        guard let letter = renamed[position(of: .scalar(scalar))] else { return scalar.string }
        return String(letter) + scalar.string.unicodeScalars.dropFirst().map(String.init).joined()
    }

    // MARK: Conversion

    private func convert(_ node: Node, depth: Int) -> Value {
        let position = position(of: node)
        guard depth <= Limits.depth else { return refuse(position, "this is nested too deeply") }
        guard node.anchor == nil else {
            return refuse(
                position,
                "YAML anchors and aliases are not supported: put what accounts share under `defaults`, "
                    + "or quote a value that begins with & or *"
            )
        }
        switch node {
        case .scalar(let scalar): return Value(content: content(of: scalar, at: position), position: position)
        case .sequence(let sequence):
            guard isPlainTag(sequence.tag, "seq") else { return refuseTag(position) }
            return Value(content: .list(sequence.map { convert($0, depth: depth + 1) }), position: position)
        case .mapping(let mapping):
            guard isPlainTag(mapping.tag, "map") else { return refuseTag(position) }
            return Value(content: .map(entries(of: mapping, depth: depth + 1)), position: position)
        case .alias: return refuse(position, "YAML aliases are not supported")
        }
    }

    private func content(of scalar: Node.Scalar, at position: Position) -> Value.Content {
        guard isPlainTag(scalar.tag, "str") else { return refuseTag(position).content }
        guard scalar.style == .plain else { return .scalar(.init(text: scalar.string, isPlain: false)) }
        switch scalar.string {
        case "": return .nothing
        case "null", "~", "Null", "NULL": return .null
        default: return .scalar(.init(text: scalar.string, isPlain: true))
        }
    }

    private func entries(of mapping: Node.Mapping, depth: Int) -> [Value.Entry] {
        var entries: [Value.Entry] = []
        var seen: [String: Position] = [:]
        for (keyNode, valueNode) in mapping {
            let position = position(of: keyNode)
            guard case .scalar(let scalar) = keyNode, keyNode.anchor == nil else {
                findings.error(at: position, "a key must be plain text")
                continue
            }
            let key = key(of: scalar)
            if let problem = problem(of: key, isPlain: scalar.style == .plain) {
                findings.error(at: position, problem)
            } else if let first = seen.updateValue(position, forKey: key) {
                findings.error(at: position, "`\(Quoted(key))` is already written on line \(first.line)")
            } else {
                entries.append(.init(key: key, keyPosition: position, value: convert(valueNode, depth: depth)))
            }
        }
        return entries
    }

    private func problem(of key: String, isPlain: Bool) -> String? {
        if key.isEmpty { return "a key is missing before the colon" }
        guard isPlain, key == "<<" else { return nil }
        return "YAML merge keys are not supported: put what accounts share under `defaults`"
    }

    private func position(of node: Node) -> Position {
        Position(file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    }

    private func isPlainTag(_ tag: Tag, _ name: String) -> Bool {
        ["", "!", "tag:yaml.org,2002:" + name].contains(tag.description)
    }

    private func refuseTag(_ position: Position) -> Value {
        refuse(position, "YAML tags are not supported: quote a value that begins with !")
    }

    private func refuse(_ position: Position, _ message: String) -> Value {
        findings.error(at: position, message)
        return Value(content: .invalid, position: position)
    }
}
