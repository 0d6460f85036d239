/// Where events are reported: one line each in the journal.
public struct EventLog: Sendable {
    private let write: @Sendable ([Event]) -> Void
    /// Which events are written.
    public let levels: EventLevels

    /// - Parameter write: where the events go that `levels` lets pass.
    public init(levels: EventLevels, write: @escaping @Sendable ([Event]) -> Void) {
        self.levels = levels
        self.write = write
    }

    /// Keeps events for a test to look at, those of every severity.
    public init(recorder: EventRecorder) {
        self.init(levels: EventLevels(.debug)) { events in recorder.append(events) }
    }

    /// Writes nothing.
    public static let silent = EventLog(levels: EventLevels(.error)) { _ in }

    /// Writes the event, unless its severity is below the level of its account.
    public func record(_ event: Event) {
        guard levels.allow(event.severity, account: event.account) else { return }
        write([event])
    }

    /// Writes what happened to several messages: one line each, and fewer system calls.
    public func record(_ events: [Event]) {
        let allowed = events.filter { levels.allow($0.severity, account: $0.account) }
        if !allowed.isEmpty { write(allowed) }
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
