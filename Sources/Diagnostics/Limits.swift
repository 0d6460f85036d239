/// What bounds this module.
enum Limits {
    /// Characters of one line of a trace.
    static let traceText = 1000
    /// Lines of a trace that wait for its reader.
    static let traceLines = 2000
}
