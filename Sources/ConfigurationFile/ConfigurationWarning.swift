/// Something in a configuration that is allowed and works, but that the operator should know.
public struct ConfigurationWarning: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Safety is switched off, or a secret is exposed.
        case unsafe
        /// It will stop working, or not do what was meant.
        case doubtful
        /// The key is known, but what it asks for is not built yet.
        case inactive
    }

    public var kind: Kind
    public var file: String
    /// From 1; 0 when the file as a whole is meant.
    public var line: Int
    /// From 1, counted in Unicode scalars; 0 when the file as a whole is meant.
    public var column: Int
    public var message: String

    public init(_ kind: Kind, file: String, line: Int, column: Int, message: String) {
        self.kind = kind
        self.file = file
        self.line = line
        self.column = column
        self.message = message
    }
}

extension ConfigurationWarning: CustomStringConvertible {
    /// `FILE:LINE:COLUMN: warning: message`.
    public var description: String {
        (line > 0 ? "\(file):\(line):\(column)" : file) + ": warning: \(message)"
    }
}
