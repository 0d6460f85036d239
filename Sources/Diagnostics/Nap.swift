import Synchronization

/// A sleep that can be cut short: how a worker waits for its time, or for somebody who knows better.
public final class Nap: Sendable {
    private let sleeper = Mutex<Task<Void, Never>?>(nil)

    public init() {}

    /// Returns at `moment`, at `wake()`, or when the task is cancelled. One at a time.
    ///
    /// It begins on the caller's actor, without a gap into which a `wake()` from there could fall.
    public func sleep(
        until moment: Timestamp, _ clock: any WallClock, isolation: isolated (any Actor)? = #isolation
    ) async {
        let sleeper = Task { () -> Void in try? await clock.sleep(until: moment) }
        self.sleeper.withLock { $0 = sleeper }
        await withTaskCancellationHandler {
            await sleeper.value
        } onCancel: {
            sleeper.cancel()
        }
        self.sleeper.withLock { $0 = nil }
    }

    /// Ends the sleep that goes on; a later one is not touched.
    public func wake() { sleeper.withLock { $0 }?.cancel() }
}
