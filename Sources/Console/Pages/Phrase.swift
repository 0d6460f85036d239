/// A sentence of a page, in every language that the pages are written in.
struct Phrase: Sendable {
    private let english: String
    private let german: String

    init(_ english: String, de german: String) {
        self.english = english
        self.german = german
    }

    func callAsFunction(_ language: Language) -> String {
        switch language {
        case .english: english
        case .german: german
        }
    }

    /// The same with names in the place of `%1`, `%2`.
    func callAsFunction(_ language: Language, _ names: String...) -> String {
        // From one end to the other, so that a name with a `%1` in it stays what it is.
        var result = ""
        var rest = self(language)[...]
        while let mark = rest.firstIndex(of: "%") {
            let next = rest.index(after: mark)
            result += rest[..<mark]
            if next < rest.endIndex, let number = rest[next].wholeNumberValue, names.indices.contains(number - 1) {
                result += names[number - 1]
                rest = rest[rest.index(after: next)...]
            } else {
                result += "%"
                rest = rest[next...]
            }
        }
        return result + rest
    }
}
