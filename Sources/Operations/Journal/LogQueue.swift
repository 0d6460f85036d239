import Dispatch
import Synchronization

/// Puts records into a sink without ever blocking the caller for long: event loops log too.
///
/// As long as the sink takes records at once they are written by the caller, so that nothing is lost when the process
/// dies. Otherwise they wait in order, up to a limit, for a queue of their own; what exceeds it is counted and told.
final class LogQueue: Sendable {
    private struct Backlog {
        var records: [LogRecord] = []
        var lost = 0
        var isDraining = false
    }
    private let backlog = Mutex(Backlog())
    private let sink: any LogSink
    private let queue = DispatchQueue(label: "postbote.log")
    private let limit: Int

    init(_ sink: any LogSink, limit: Int = Limits.logBacklog) {
        self.sink = sink
        self.limit = limit
    }

    func append(_ records: [LogRecord]) {
        let mustDrain = backlog.withLock { backlog in
            // Written under the lock: two threads' lines never mix.
            let written = backlog.isDraining ? 0 : sink.write(records[...], waiting: false)
            let left = records[written...]
            guard !left.isEmpty else { return false }
            let kept = left.prefix(max(0, limit - backlog.records.count))
            backlog.records += kept
            backlog.lost += left.count - kept.count
            defer { backlog.isDraining = true }
            return !backlog.isDraining
        }
        if mustDrain { queue.async { self.drain() } }
    }

    /// Returns when everything that was logged before has been written.
    func flush() { queue.sync {} }

    private func drain() {
        while let records = next() {
            _ = sink.write(records[...], waiting: true)
        }
    }

    private func next() -> [LogRecord]? {
        backlog.withLock { backlog in
            var records = backlog.records
            backlog.records = []
            if backlog.lost > 0 {
                let lost: [String: String] = ["LOST": String(backlog.lost)]
                records.append(
                    LogRecord(
                        .warning, "log lines were lost: the journal does not keep up",
                        lost.mapValues { .string($0) }))
                backlog.lost = 0
            }
            backlog.isDraining = !records.isEmpty
            return records.isEmpty ? nil : records
        }
    }
}
