/// What a recovery finds among the present messages.
public struct RecoveryOutcome: Hashable, Sendable {
    public var known = 0
    public var new = 0
    /// Look like known ones: only their content tells.
    public var doubtful = 0
}
