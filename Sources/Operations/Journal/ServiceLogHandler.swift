import Logging

/// swift-log's way into the journal, for our own events and for the lines of the libraries we use.
struct ServiceLogHandler: LogHandler {
    let queue: LogQueue
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { $1 } }
        if let own = event.metadata { fields.merge(own) { $1 } }
        queue.append([LogRecord(event.level, event.message.description, fields)])
    }
}
