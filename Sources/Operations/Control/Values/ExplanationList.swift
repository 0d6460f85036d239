import Explanations

/// What `postbote explain` tells, with `--json`.
public struct ExplanationList: Codable, Hashable, Sendable {
    /// The most specific first; with `--list` in the order of the file.
    public var entries: [Explanation]

    public init(entries: [Explanation]) { self.entries = entries }
}
