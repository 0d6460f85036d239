/// What a process did before it was crashed: its steps, and the statements that changed the database, in their order.
public struct CrashTrace: Sendable {
    public let lines: [String]

    /// Empty when there is no such file: nothing was done.
    public init(_ path: String) {
        lines = (try? Directory.text(of: path))?.split(separator: "\n").map(String.init) ?? []
    }

    /// How many steps of that kind there were.
    public func steps(_ kind: CrashPoint.Kind, _ moment: CrashPoint.Moment) -> Int {
        lines.count { $0.hasPrefix("\(kind.rawValue) \(moment.rawValue) ") }
    }

    /// How often a statement that begins with `sql` was executed, in transactions that are committed.
    ///
    /// - Returns: `certain` counts those whose commit has returned. A process that ended inside a commit may have made it
    ///   durable: `possible` counts these, too.
    public func executed(_ sql: String) -> (certain: Int, possible: Int) {
        var (open, certain) = (0, 0)
        var isCommitting = false
        for line in lines {
            if line.hasPrefix("write - \(sql)") { open += 1 }
            if line.hasPrefix("write - ROLLBACK") { open = 0 }
            if line.hasPrefix("commit before") { isCommitting = true }
            if line.hasPrefix("commit after") {
                certain += open
                open = 0
                isCommitting = false
            }
        }
        return (certain, isCommitting ? certain + open : certain)
    }
}
