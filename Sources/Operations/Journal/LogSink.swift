/// Where log records leave the process.
protocol LogSink: Sendable {
    /// Writes the record. With `waiting` false it returns `false` instead of blocking the caller.
    func write(_ record: LogRecord, waiting: Bool) -> Bool
}
