/// One thing that is wrong in a configuration file, at the place where it is written.
///
/// The message never holds a secret, and the source line is not shown for the same reason.
public struct ConfigurationError: Error, Hashable, Sendable {
    public var file: String
    /// From 1; 0 when the file as a whole is meant.
    public var line: Int
    /// From 1, counted in Unicode scalars; 0 when the file as a whole is meant.
    public var column: Int
    public var message: String
    /// The nearest valid spelling, where one is near.
    public var suggestion: String?

    public init(file: String, line: Int, column: Int, message: String, suggestion: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.suggestion = suggestion
    }
}

extension ConfigurationError: CustomStringConvertible {
    /// `FILE:LINE:COLUMN: message; did you mean …?`, as compilers write it and editors read it.
    public var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return "\(place): \(message)" + (suggestion.map { "; did you mean `\($0)`?" } ?? "")
    }
}
