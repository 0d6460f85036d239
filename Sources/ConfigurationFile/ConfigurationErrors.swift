/// Everything that is wrong in a configuration: first the main file from top to bottom, then `accounts.d` in name order.
public struct ConfigurationErrors: Error, Hashable, Sendable {
    /// Never empty.
    public var errors: [ConfigurationError]
    /// How many more there are, past the limit of 1,000.
    public var omitted: Int

    public init(_ errors: [ConfigurationError], omitted: Int = 0) {
        self.errors = errors
        self.omitted = omitted
    }
}

extension ConfigurationErrors: CustomStringConvertible {
    /// One line an error.
    public var description: String {
        let lines = errors.map(\.description)
        return (omitted > 0 ? lines + ["and \(omitted) more errors"] : lines).joined(separator: "\n")
    }
}
