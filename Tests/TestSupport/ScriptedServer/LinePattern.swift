/// What a line of the client's has to look like: text with `$name` for a word and `$*` for anything.
public struct LinePattern: Sendable, Hashable, CustomStringConvertible {
    private enum Part: Sendable, Hashable {
        case text([UInt8])
        case word(String)
        case anything
    }

    public let description: String
    private let parts: [Part]

    public init(_ text: String) {
        description = text
        var parts: [Part] = []
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "$") else {
                plain.append(byte)
                continue
            }
            let name = LinePattern.name(&rest)
            if name.isEmpty, rest.first == UInt8(ascii: "$") {
                plain.append(rest.removeFirst())
                continue
            }
            parts.append(.text(plain))
            plain = []
            if name.isEmpty { rest = rest.dropFirst() }
            parts.append(name.isEmpty ? .anything : .word(name))
        }
        self.parts = parts + [.text(plain)]
    }

    /// The variables with what they stand for in `line`; `nil` when the line does not look like this. A variable that is
    /// known already must be the same again.
    func match(_ line: [UInt8], known: [String: [UInt8]]) -> [String: [UInt8]]? {
        match(line[...], parts[...], known)
    }

    private func match(
        _ line: ArraySlice<UInt8>, _ parts: ArraySlice<Part>, _ found: [String: [UInt8]]
    ) -> [String: [UInt8]]? {
        guard let part = parts.first else { return line.isEmpty ? found : nil }
        let others = parts.dropFirst()
        switch part {
        case .text(let text): return line.starts(with: text) ? match(line.dropFirst(text.count), others, found) : nil
        case .anything:
            return (line.startIndex...line.endIndex).lazy.compactMap { match(line[$0...], others, found) }.first
        case .word(let name):
            if let known = found[name] {
                return line.starts(with: known) ? match(line.dropFirst(known.count), others, found) : nil
            }
            let end = line.firstIndex { LinePattern.endsWord($0) } ?? line.endIndex
            // The longest first, so that a word is a word unless the text behind it says otherwise.
            return (line.startIndex..<end).reversed().lazy.compactMap { last in
                match(line[(last + 1)...], others, found.merging([name: Array(line[...last])]) { $1 })
            }.first
        }
    }

    private static func endsWord(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte < 0x20 }

    /// Takes a variable's name: letters, digits and underscores; empty when there is none.
    static func name(_ rest: inout ArraySlice<UInt8>) -> String {
        let name = rest.prefix { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
        rest = rest.dropFirst(name.count)
        return String(decoding: name, as: UTF8.self)
    }
}
