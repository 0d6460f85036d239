/// What an operator decides about a message in quarantine.
public enum QuarantineOrder: String, Sendable, CaseIterable {
    /// It is asked for again.
    case retry
    /// The bytes that the server gave in its place are delivered.
    case deliver
    /// It is given up.
    case drop
}
