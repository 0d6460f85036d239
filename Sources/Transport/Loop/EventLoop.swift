import Dispatch

/// One serial queue on which connections live: what is isolated to it never runs at the same time.
///
/// Actors live on it by returning its `asUnownedSerialExecutor()` as their `unownedExecutor`; those on the same loop
/// call each other without a change of thread. Nothing that blocks may run on it.
public final class EventLoop: SerialExecutor {
    let queue: DispatchQueue
    // Confined: reached only through `confined`, which checks that the caller is on the queue, and released there.
    private nonisolated(unsafe) let resources: Unmanaged<LoopResources>

    public init(label: String = "postbote.loop") {
        CurlLibrary.start()
        queue = DispatchQueue(label: label)
        resources = .passRetained(LoopResources(queue: queue))
    }

    /// Whoever lets the loop go may be on any thread, while a timer or the poller calls back on the queue: what the loop
    /// owns ends there, behind them.
    deinit {
        nonisolated(unsafe) let resources = resources
        queue.async { resources.release() }
    }

    /// What belongs to this loop. Only for callers on it.
    var confined: LoopResources {
        checkIsolated()
        return resources.takeUnretainedValue()
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    public func checkIsolated() { dispatchPrecondition(condition: .onQueue(queue)) }

    public func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

    /// Returns when everything that was waiting on this loop has run: how a watchdog sees that it is alive.
    public func ping() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }
}
