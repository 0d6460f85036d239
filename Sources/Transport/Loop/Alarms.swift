import Dispatch

/// All deadlines of a loop behind one dispatch timer. Confined to the loop's queue.
final class Alarms {
    private var queue = AlarmQueue()
    private var handlers: [AlarmQueue.ID: () -> Void] = [:]
    private let timer: any DispatchSourceTimer
    /// What the timer is set to.
    private var armed = UInt64.max

    init(queue: DispatchQueue) {
        timer = DispatchSource.makeTimerSource(queue: queue)
        timer.setEventHandler { [weak self] in self?.ring() }
        timer.activate()
    }

    deinit { timer.cancel() }

    /// Monotonic nanoseconds.
    static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// A new alarm that calls `handler` on the loop when its time has come.
    func add(_ handler: @escaping () -> Void) -> AlarmQueue.ID {
        let id = queue.add()
        handlers[id] = handler
        return id
    }

    func remove(_ id: AlarmQueue.ID) {
        handlers[id] = nil
        queue.remove(id)
    }

    func set(_ id: AlarmQueue.ID, after wait: Duration) {
        let (deadline, overflow) = Alarms.now.addingReportingOverflow(wait.inNanoseconds)
        queue.set(id, at: overflow ? .max - 1 : deadline)
        arm()
    }

    func clear(_ id: AlarmQueue.ID) { queue.clear(id) }

    private func ring() {
        armed = .max
        let now = Alarms.now
        while let id = queue.popDue(at: now) { handlers[id]?() }
        arm()
    }

    private func arm() {
        guard let next = queue.next, next < armed else { return }
        armed = next
        timer.schedule(deadline: DispatchTime(uptimeNanoseconds: next), leeway: .milliseconds(1))
    }
}

extension Duration {
    /// Whole nanoseconds, none when negative, never more than 292 years.
    var inNanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard self > .zero else { return 0 }
        guard seconds < Int64.max / 1_000_000_000 else { return UInt64(Int64.max) }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
