/// The least important lines that are written.
public enum LogLevel: String, Sendable, CaseIterable {
    case debug, info, warning, error
}
