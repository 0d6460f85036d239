import Synchronization

/// The events that happened, for a test to look at.
public final class EventRecorder: Sendable {
    private let recorded = Mutex<[Event]>([])

    public init() {}

    public var events: [Event] { recorded.withLock { $0 } }

    /// The events of one name, in the order they happened.
    public func events(_ name: EventName) -> [Event] { events.filter { $0.name == name } }

    func append(_ events: [Event]) { recorded.withLock { $0 += events } }
}
