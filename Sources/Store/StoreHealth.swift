import Diagnostics

/// Whether commits succeed. The daemon says `storage` while they do not, and intake answers "try later".
public enum StoreHealth: Hashable, Sendable {
    case ok
    /// A commit or its sync failed. Writes fail at once with this until one has succeeded again.
    case storage(Failure)
}
