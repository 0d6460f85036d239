import MailModel

/// What a key wants as its value: in words, and as the function that reads it.
///
/// `words` completes "`poll_interval` must be …". `read` returns `nil` when the scalar is something else.
struct Wanted<Result> {
    var words: String
    /// The value is never repeated in an error.
    var isSecret = false
    /// What to suggest for a text that was refused.
    var suggest: (String) -> String? = { _ in nil }
    var read: (Value.Scalar) -> Result?
}

extension Wanted where Result == String {
    /// Any text that is not empty and has no control characters.
    static func text(_ words: String) -> Wanted {
        Wanted(words: words) { scalar in
            let isText = !scalar.text.isEmpty && scalar.text.unicodeScalars.allSatisfy { !$0.isControl }
            return isText ? scalar.text : nil
        }
    }

    /// Text without spaces either.
    static func word(_ words: String) -> Wanted {
        Wanted(words: words) { scalar in
            let isWord =
                !scalar.text.isEmpty
                && scalar.text.unicodeScalars.allSatisfy { !$0.isControl && !$0.properties.isWhitespace }
            return isWord ? scalar.text : nil
        }
    }

    static var absolutePath: Wanted {
        Wanted(words: "an absolute path") { scalar in
            scalar.text.hasPrefix("/") && scalar.text.unicodeScalars.allSatisfy { !$0.isControl } ? scalar.text : nil
        }
    }

}

extension Wanted where Result == Bool {
    static var flag: Wanted {
        let meant = ["yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"]
        return Wanted(
            words: "true or false", suggest: { meant[$0.lowercased()] },
            read: { $0.isPlain ? ["true": true, "false": false][$0.text] : nil }
        )
    }
}

extension Wanted where Result == Int {
    static func integer(_ range: ClosedRange<Int>) -> Wanted {
        Wanted(words: "a number from \(range.lowerBound) to \(range.upperBound)") { scalar in
            guard scalar.isPlain, let number = Int(digits: scalar.text), range.contains(number) else { return nil }
            return number
        }
    }
}

extension Wanted where Result: RawRepresentable<String> {
    /// One of a few words.
    static func oneOf(_ cases: some Collection<Result>) -> Wanted {
        let words = cases.map(\.rawValue)
        let listed = words.count == 1 ? words[0] : words.dropLast().joined(separator: ", ") + " or " + words.last!
        return Wanted(
            words: listed, suggest: { NearestSpelling.of($0, among: words) },
            read: { scalar in cases.first { $0.rawValue == scalar.text } }
        )
    }
}

extension Wanted where Result: RawRepresentable<String> & CaseIterable {
    static var anyCase: Wanted { oneOf(Array(Result.allCases)) }
}

extension Wanted {
    static func name<Subject>(_ words: String) -> Wanted where Result == Name<Subject> {
        Wanted(words: words, suggest: { Name<Subject>($0.lowercased())?.text }, read: { Name($0.text) })
    }
}

extension Int {
    /// Decimal digits only: no sign, no `_`, and no zero in front, which YAML would read as octal.
    init?(digits text: String) {
        guard !text.isEmpty, text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains),
            text == "0" || !text.hasPrefix("0")
        else { return nil }
        self.init(text)
    }
}
