import Diagnostics

/// A unit of work waiting for the writer.
protocol WriteUnit: AnyObject, Sendable {
    /// Runs the unit. `false` when it threw, and what it did must be undone.
    func run(on connection: Connection, _ surroundings: Surroundings) -> Bool
    /// Tells the caller, and does what was left for after the commit. `failure`: the commit failed.
    func finish(_ failure: Failure?)
}

/// A unit and its caller.
///
/// `@unchecked Sendable`: what is mutable is touched only by `run` and `finish`, which the writer calls on its queue.
final class WriteUnitOf<Value: Sendable>: WriteUnit, @unchecked Sendable {
    private let body: @Sendable (WriteTransaction) throws -> Value
    private let continuation: CheckedContinuation<Value, any Error>
    private var result: Result<Value, any Error>?
    private var afterCommit: [() -> Void] = []

    init(
        _ body: @escaping @Sendable (WriteTransaction) throws -> Value,
        _ continuation: CheckedContinuation<Value, any Error>
    ) {
        self.body = body
        self.continuation = continuation
    }

    func run(on connection: Connection, _ surroundings: Surroundings) -> Bool {
        let transaction = WriteTransaction(connection, surroundings)
        do {
            result = .success(try body(transaction))
            afterCommit = transaction.afterCommit
            return true
        } catch {
            result = .failure(error)
            return false
        }
    }

    func finish(_ failure: Failure?) {
        if let failure { return continuation.resume(throwing: failure) }
        guard let result else { preconditionFailure("a unit is finished after it ran") }
        for action in afterCommit { action() }
        continuation.resume(with: result)
    }
}
