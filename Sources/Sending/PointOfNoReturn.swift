import Synchronization

/// Lets a submission be cancelled until its final dot is about to be sent, and never after: a reply that nobody waits for
/// would leave the message in doubt.
final class PointOfNoReturn: Sendable {
    private enum State { case before, passed, cancelled }

    private let state = Mutex(State.before)

    /// Runs `operation`, which calls `pass` at the point.
    static func guarding<Value: Sendable>(
        _ operation: @escaping @Sendable (PointOfNoReturn) async -> Value
    ) async -> Value {
        let point = PointOfNoReturn()
        let task = Task { await operation(point) }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            if point.cancel() { task.cancel() }
        }
    }

    /// - Throws: `CancellationError` when the operation was cancelled before.
    func pass() throws {
        let mayPass = state.withLock { state in
            guard state != .cancelled else { return false }
            state = .passed
            return true
        }
        guard mayPass else { throw CancellationError() }
    }

    private func cancel() -> Bool {
        state.withLock { state in
            guard state == .before else { return false }
            state = .cancelled
            return true
        }
    }
}
