import Diagnostics
import Glibc
import Logging

/// The daemon's log: the journal's socket where standard error is the journal, lines on standard error elsewhere.
public struct ServiceLog: Sendable {
    private let queue: LogQueue

    /// Decides as systemd asks programs to: `JOURNAL_STREAM` names the device and inode that standard error has when
    /// nobody redirected it since (systemd.exec(5)).
    public init(environment: [String: String], identifier: String = "postbote") {
        self.init(environment: environment, identifier: identifier, descriptor: 2, journal: JournalSink.standardPath)
    }

    init(environment: [String: String], identifier: String, descriptor: Int32, journal: String) {
        let lines = LineSink(descriptor: descriptor)
        if let stream = environment["JOURNAL_STREAM"], ServiceLog.isStream(stream, descriptor),
            let sink = JournalSink(path: journal, identifier: identifier, fallback: lines)
        {
            queue = LogQueue(sink)
        } else {
            queue = LogQueue(lines)
        }
    }

    /// The log of a library; what it says below `level` is not written.
    public func logger(_ label: String, level: Logger.Level = .warning) -> Logger {
        Logger(label: label) { _ in ServiceLogHandler(queue: queue, logLevel: level) }
    }

    /// Our own events, as far as `levels` lets them pass.
    public func events(_ levels: EventLevels) -> EventLog {
        EventLog(levels: levels) { [queue] events in queue.append(events.map { LogRecord($0) }) }
    }

    /// Returns when everything logged before has been written; for the end of the process.
    public func flush() { queue.flush() }

    private static func isStream(_ stream: String, _ descriptor: Int32) -> Bool {
        let numbers = stream.split(separator: ":").map { UInt64($0) }
        var status = stat()
        guard numbers.count == 2, fstat(descriptor, &status) == 0 else { return false }
        return numbers[0] == UInt64(status.st_dev) && numbers[1] == UInt64(status.st_ino)
    }
}
