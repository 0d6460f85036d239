/// A step of the service at which it is ended as `kill -9` would: the `number`-th of its kind, counted from 1.
///
/// The steps are those that make something durable or visible to others. A library that is loaded before all others
/// (`Tests/CCrashShim`) stands in front of the calls.
public struct CrashPoint: Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, CaseIterable {
        case rename
        /// `fsync`, `fdatasync` and `syncfs`, of files and directories.
        case sync
        case unlink
        /// A commit of SQLite's.
        case commit
        /// The final dot of a message on its way to the server.
        case dot
    }

    public enum Moment: String, Sendable, CaseIterable {
        case before
        case after
    }

    public var kind: Kind
    public var moment: Moment
    public var number: Int

    public init(_ kind: Kind, _ moment: Moment, _ number: Int) {
        self.kind = kind
        self.moment = moment
        self.number = number
    }

    public var description: String { "\(moment.rawValue) \(kind.rawValue) \(number)" }

    /// What has to be in the environment of the program for this to happen to it.
    ///
    /// - Parameters:
    ///   - directory: Only files below it count.
    ///   - trace: A file that gets a line for each step.
    ///   - signal: Steps count from when this file exists; `nil`: from the start.
    public func environment(
        below directory: String, trace: String, from signal: String? = nil
    ) throws -> [String: String?] {
        [
            "LD_PRELOAD": try Program.built("libCrashShim.so"), "CRASH_BELOW": directory, "CRASH_TRACE": trace,
            "CRASH_KIND": kind.rawValue, "CRASH_MOMENT": moment.rawValue, "CRASH_AT": "\(number)",
            "CRASH_WHEN": signal,
        ]
    }
}
