import Diagnostics
import Logging

/// One log line before it is written: priority, message and fields, every one within its limit.
struct LogRecord: Hashable, Sendable {
    /// Syslog's numbers (RFC 5424 §6.2.1).
    enum Priority: Int, Sendable {
        case critical = 2
        case error, warning, notice, info, debug
    }

    struct Field: Hashable, Sendable {
        var key: EventField.Key
        var value: String
    }

    var priority: Priority
    var message: String
    /// Those an operator looks for first come first, the others in alphabetical order.
    var fields: [Field]

    /// One of our own events.
    init(_ event: Event) {
        self.init(
            Priority(event.severity), event.message,
            [Field(key: .event, value: event.name.rawValue)]
                + event.fields.map { Field(key: $0.key, value: $0.value.description) })
    }

    /// A line of a library.
    init(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        self.init(
            Priority(level), message,
            metadata.map { Field(key: EventField.Key($0.key), value: "\($0.value)") })
    }

    private init(_ priority: Priority, _ message: String, _ fields: [Field]) {
        self.priority = priority
        self.message = message.cut(toOctets: Limits.logFieldOctets)
        // Thousands of lines a second are written while a full mailbox is fetched: each key is looked up once.
        let ranked = fields.map { (rank: LogRecord.first[$0.key] ?? LogRecord.first.count, field: $0) }
        let sorted = ranked.sorted {
            $0.rank == $1.rank ? $0.field.key.description < $1.field.key.description : $0.rank < $1.rank
        }
        self.fields = sorted.prefix(Limits.logFields).map {
            Field(key: $0.field.key, value: $0.field.value.cut(toOctets: Limits.logFieldOctets))
        }
    }

    private static let first: [EventField.Key: Int] = {
        let keys: [EventField.Key] = [
            .event, .account, .direction, .folder, .uid, .queueID, .deliveryKey, .recipient, .destination, .oldState,
            .newState, .attempt, .next, .until, .operation, .reason, .serverLine,
        ]
        return Dictionary(uniqueKeysWithValues: keys.enumerated().map { ($1, $0) })
    }()
}

extension LogRecord.Priority {
    init(_ severity: Event.Severity) {
        switch severity {
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        }
    }

    init(_ level: Logger.Level) {
        switch level {
        case .trace, .debug: self = .debug
        case .info: self = .info
        case .notice: self = .notice
        case .warning: self = .warning
        case .error: self = .error
        case .critical: self = .critical
        }
    }
}

extension String {
    /// At most `limit` octets of UTF-8, the last character whole, with an ellipsis where something was cut.
    func cut(toOctets limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var end = utf8.index(utf8.startIndex, offsetBy: max(0, limit - "…".utf8.count))
        // Not between the octets of one character: 10xxxxxx continues one (RFC 3629 §3).
        while end > utf8.startIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(before: end) }
        return self[..<end] + "…"
    }
}
