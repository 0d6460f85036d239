import Logging

/// Where events are reported: one line each in the journal.
public struct EventLog: Sendable {
    private let write: @Sendable (Event) -> Void
    /// Which events are written.
    public let levels: EventLevels

    /// Writes through `logger`, whose own level must let everything pass: `levels` decides.
    public init(logger: Logger, levels: EventLevels = EventLevels()) {
        self.init(levels: levels) { event in logger.write(event) }
    }

    /// Keeps events for a test to look at, those of every severity.
    public init(recorder: EventRecorder) {
        self.init(levels: EventLevels(.debug)) { event in recorder.append(event) }
    }

    /// Writes nothing.
    public static let silent = EventLog(levels: EventLevels(.error)) { _ in }

    private init(levels: EventLevels, write: @escaping @Sendable (Event) -> Void) {
        self.levels = levels
        self.write = write
    }

    /// Writes the event, unless its severity is below the level of its account.
    public func record(_ event: Event) {
        guard levels.allow(event.severity, account: event.account) else { return }
        write(event)
    }
}

extension Event {
    fileprivate var account: String? {
        for field in fields where field.key == .account {
            if case .text(let name) = field.value { return name }
        }
        return nil
    }
}

extension Logger {
    fileprivate func write(_ event: Event) {
        var metadata: Logger.Metadata = [EventField.Key.event.description: .string(event.name.rawValue)]
        for field in event.fields { metadata[field.key.description] = .string(field.value.description) }
        log(level: Level(event.severity), "\(event.message)", metadata: metadata)
    }
}

extension Logger.Level {
    public init(_ severity: Event.Severity) {
        switch severity {
        case .debug: self = .debug
        case .info: self = .info
        case .warning: self = .warning
        case .error: self = .error
        }
    }
}
