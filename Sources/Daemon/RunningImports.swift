import Delivery

/// The imports of Maildirs that are under way, for whoever has to end them.
struct RunningImports {
    typealias Import = Task<MaildirImport.Outcome, any Error>

    private var tasks: [Int: Import] = [:]
    private var latest = 0

    /// - Returns: its number, by which it is removed once it is over.
    mutating func add(_ task: Import) -> Int {
        latest += 1
        tasks[latest] = task
        return latest
    }

    mutating func remove(_ number: Int) { tasks[number] = nil }

    /// - Returns: those that were told to end. What is being written is written.
    func cancel() -> [Import] {
        for task in tasks.values { task.cancel() }
        return Array(tasks.values)
    }
}
