/// Where log records leave the process.
protocol LogSink: Sendable {
    /// Writes the records, from the first on. With `waiting` false it stops instead of blocking the caller.
    /// - Returns: how many were written.
    func write(_ records: ArraySlice<LogRecord>, waiting: Bool) -> Int
}
