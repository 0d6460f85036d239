import Yams

/// Says in an administrator's words what the YAML scanner objects to.
enum YAMLProblem {
    static func fault(of error: any Error, in text: String) -> DocumentText.Fault {
        switch error as? YamlError {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _):
            let character = TextPlace.index(line: mark.line, column: mark.column, in: text).map {
                text.unicodeScalars[$0]
            }
            let words = words(for: problem, character: character) ?? described(problem, context)
            return DocumentText.Fault(line: mark.line, column: mark.column, message: words)
        case .composer(_, let problem, let mark, _):
            return DocumentText.Fault(line: mark.line, column: mark.column, message: words(for: problem) ?? problem)
        default:
            return DocumentText.Fault(line: 0, column: 0, message: "this is not YAML")
        }
    }

    private static func words(for problem: String, character: Unicode.Scalar? = nil) -> String? {
        switch (problem, character) {
        case ("found character that cannot start any token", "\t"),
            ("found a tab character that violates indentation", _):
            "a tab cannot indent: write spaces"
        case ("found character that cannot start any token", let character?):
            "a value cannot begin with \(character) here: put it into quotes"
        case ("mapping values are not allowed in this context", _):
            "a key cannot stand here: is the line indented right, or does a value with a colon need quotes?"
        case ("found undefined alias", _), ("did not find expected alphabetic or numeric character", _):
            "put a value that begins with * or & into quotes"
        case (let problem, _) where problem.hasPrefix("Maximum nesting level"): "this is nested too deeply"
        case ("but found another document", _): "a configuration is one YAML document, and a second one begins here"
        default: nil
        }
    }

    private static func described(_ problem: String, _ context: YamlError.Context?) -> String {
        guard let context else { return "this is not YAML: \(problem)" }
        return "this is not YAML: \(problem) \(context.text) that begins on line \(context.mark.line)"
    }
}
