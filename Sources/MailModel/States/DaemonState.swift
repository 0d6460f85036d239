/// The state of the daemon as a whole.
public enum DaemonState: String, Hashable, Sendable, CaseIterable {
    case ok
    /// The state directory cannot be written: nothing is accepted and nothing is fetched until it can.
    case storage
    case stopping
}
