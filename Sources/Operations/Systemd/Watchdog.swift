import Dispatch
import Glibc

/// Tells the service manager that the daemon is alive, as long as its parts answer (`WatchdogSec=`).
///
/// One probe runs at a time: a part that never answers stops the feeding, and the manager restarts the service.
public struct Watchdog: Sendable {
    /// How long the manager waits for a sign of life before it ends the service.
    let patience: Duration
    private let manager: ServiceManager

    /// `nil` when the manager watches nobody, or another process (sd_watchdog_enabled(3)).
    public init?(environment: [String: String], manager: ServiceManager) {
        self.init(environment: environment, manager: manager, process: getpid())
    }

    init?(environment: [String: String], manager: ServiceManager, process: pid_t) {
        guard manager.isPresent, let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text),
            microseconds > 0, environment["WATCHDOG_PID"].map({ pid_t($0) == process }) ?? true
        else { return nil }
        patience = .microseconds(microseconds)
        self.manager = manager
    }

    /// Feeds until the task is cancelled, at a third of the patience, after each probe that answered `true`.
    ///
    /// - Parameters:
    ///   - sleep: waits; a parameter so that tests decide how time passes.
    ///   - probe: `true` once every event loop, the writer and the scheduler have answered.
    public func feed(
        sleep: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        while probe: @Sendable () async -> Bool
    ) async {
        while !Task.isCancelled {
            if await probe() { manager.watchdog() }
            do { try await sleep(patience / 3) } catch { return }
        }
    }
}
