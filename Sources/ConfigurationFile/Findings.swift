/// Collects all errors and warnings while a configuration is decoded. The same finding at the same place counts once, so
/// that a mistake in `defaults` is not repeated for every account.
final class Findings {
    private(set) var files: [String]
    private var errors: Set<Error> = []
    private var warnings: Set<Warning> = []
    private var omitted = 0
    private var suggestionsLeft = Limits.suggestions
    /// Where a secret is written out, the first one of each file.
    private(set) var literalSecrets: [Int: Position] = [:]
    /// `false` once a file could not be read: a missing reference may then be in it and is not reported.
    var isComplete = true

    init(files: [String]) { self.files = files }

    private struct Error: Hashable {
        var position: Position
        var message: String
        var suggestion: String?
    }

    private struct Warning: Hashable {
        var position: Position
        var kind: ConfigurationWarning.Kind
        var message: String
    }

    func error(at position: Position, _ message: String, suggestion: String? = nil) {
        guard errors.count < Limits.errors else {
            omitted += 1
            return
        }
        errors.insert(Error(position: position, message: message, suggestion: suggestion))
    }

    /// An error about `text`, with the nearest of `legal` suggested.
    func error(at position: Position, _ message: String, near text: String, legal: some Sequence<String>) {
        guard suggestionsLeft > 0 else { return error(at: position, message) }
        suggestionsLeft -= 1
        error(at: position, message, suggestion: NearestSpelling.of(text, among: legal))
    }

    func warn(_ kind: ConfigurationWarning.Kind, at position: Position, _ message: String) {
        warnings.insert(Warning(position: position, kind: kind, message: message))
    }

    func literalSecret(at position: Position) {
        literalSecrets[position.file] = min(literalSecrets[position.file] ?? position, position)
    }

    var hasErrors: Bool { !errors.isEmpty }

    var sortedErrors: ConfigurationErrors {
        let sorted = errors.sorted { ($0.position, $0.message) < ($1.position, $1.message) }
        let rendered = sorted.map {
            ConfigurationError(
                file: files[$0.position.file], line: $0.position.line, column: $0.position.column,
                message: $0.message, suggestion: $0.suggestion
            )
        }
        return ConfigurationErrors(rendered, omitted: omitted)
    }

    var sortedWarnings: [ConfigurationWarning] {
        warnings.sorted { ($0.position, $0.message) < ($1.position, $1.message) }.map {
            ConfigurationWarning(
                $0.kind, file: files[$0.position.file], line: $0.position.line, column: $0.position.column,
                message: $0.message
            )
        }
    }

    /// A place in words, for errors that name a second one.
    func place(_ position: Position, seenFrom other: Position) -> String {
        position.file == other.file
            ? "line \(position.line)" : "\(files[position.file]):\(position.line):\(position.column)"
    }
}
