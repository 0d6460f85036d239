import Delivery
import MailModel
import Store

/// The imports of Maildirs that are under way, for whoever has to end them.
struct RunningImports {
    typealias Import = Task<MaildirImport.Outcome, any Error>

    private var tasks: [Int: (account: AccountID, task: Import)] = [:]
    private var latest = 0

    /// - Returns: its number, by which it is removed once it is over.
    mutating func add(_ task: Import, of account: AccountID) -> Int {
        latest += 1
        tasks[latest] = (account, task)
        return latest
    }

    mutating func remove(_ number: Int) { tasks[number] = nil }

    func isRunning(for account: AccountID) -> Bool { tasks.values.contains { $0.account == account } }

    /// - Returns: those that were told to end. What is being written is written.
    func cancel() -> [Import] {
        for (_, task) in tasks.values { task.cancel() }
        return tasks.values.map(\.task)
    }
}
