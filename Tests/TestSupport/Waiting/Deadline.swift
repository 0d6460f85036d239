/// Runs `operation`, and cancels it and throws `DeadlineMissed` when it takes longer than `limit`.
public func within<Result: Sendable>(
    _ limit: Duration = Limits.wait, _ what: String, _ operation: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result.self) { group in
        group.addTask(operation: operation)
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineMissed(what: what, limit: limit)
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
