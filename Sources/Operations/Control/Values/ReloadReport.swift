/// What a reload did.
public struct ReloadReport: Codable, Hashable, Sendable {
    public var added: [String]
    public var changed: [String]
    public var removed: [String]
    /// `FILE:LINE:COLUMN: message`.
    public var warnings: [String]
    /// Keys whose change takes effect only at the next start.
    public var restartNeeded: [String]

    enum CodingKeys: String, CodingKey {
        case added, changed, removed, warnings
        case restartNeeded = "restart_needed"
    }

    public init(
        added: [String] = [], changed: [String] = [], removed: [String] = [], warnings: [String] = [],
        restartNeeded: [String] = []
    ) {
        self.added = added
        self.changed = changed
        self.removed = removed
        self.warnings = warnings
        self.restartNeeded = restartNeeded
    }
}
