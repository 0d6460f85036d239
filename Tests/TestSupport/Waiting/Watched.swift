import Dispatch
import Synchronization

/// A value that changes, and whose change can be waited for without polling.
///
/// The real clock serves only as the deadline that ends a hang.
public final class Watched<Value: Sendable>: Sendable {
    // Unchecked: DispatchWorkItem is thread-safe, though not marked so, and only ever cancelled here.
    private struct Waiter: @unchecked Sendable {
        /// Takes what was waited for out of the value, and gives the resumption; `nil` while it is not there yet.
        let offer: @Sendable (Value) -> (@Sendable () -> Void)?
        let fail: @Sendable (any Error) -> Void
        let deadline: DispatchWorkItem
    }

    private struct State: Sendable {
        var value: Value
        var waiters: [Int: Waiter] = [:]
        var cancelled: Set<Int> = []
        var next = 0
    }

    private let state: Mutex<State>

    public init(_ value: Value) { state = Mutex(State(value: value)) }

    public var value: Value { state.withLock { $0.value } }

    /// Changes the value and wakes those who waited for what it is now.
    @discardableResult
    public func update<Result: Sendable>(_ change: (inout Value) throws -> Result) rethrows -> Result {
        let (result, ready) = try state.withLock { state in
            let result = try change(&state.value)
            return (result, Self.takeReady(&state))
        }
        for resume in ready { resume() }
        return result
    }

    /// Returns the first non-nil answer of `look`, now or after a change.
    ///
    /// - Throws: `DeadlineMissed` after `limit`, or `CancellationError`.
    public func wait<Found: Sendable>(
        for what: String, within limit: Duration = Limits.wait, _ look: @escaping @Sendable (Value) -> Found?
    ) async throws -> Found {
        let identity = state.withLock { state in
            state.next += 1
            return state.next
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(identity, continuation, what: what, within: limit, look)
            }
        } onCancel: {
            end(identity, with: CancellationError())
        }
    }

    /// Returns as soon as `condition` holds.
    public func wait(
        for what: String, within limit: Duration = Limits.wait, until condition: @escaping @Sendable (Value) -> Bool
    ) async throws {
        _ = try await wait(for: what, within: limit) { condition($0) ? true : nil } as Bool
    }

    private func enter<Found: Sendable>(
        _ identity: Int, _ continuation: CheckedContinuation<Found, any Error>, what: String, within limit: Duration,
        _ look: @escaping @Sendable (Value) -> Found?
    ) {
        let deadline = DispatchWorkItem { [weak self] in
            self?.end(identity, with: DeadlineMissed(what: what, limit: limit))
        }
        let waiter = Waiter(
            offer: { value in
                guard let found = look(value) else { return nil }
                return { continuation.resume(returning: found) }
            },
            fail: { continuation.resume(throwing: $0) },
            deadline: deadline
        )
        let resume: (@Sendable () -> Void)? = state.withLock { state in
            if state.cancelled.remove(identity) != nil { return { waiter.fail(CancellationError()) } }
            if let resume = waiter.offer(state.value) { return resume }
            state.waiters[identity] = waiter
            return nil
        }
        if let resume { return resume() }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit.dispatchInterval, execute: deadline)
    }

    private func end(_ identity: Int, with error: any Error) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: identity)
            // Cancelled before it entered: remembered until it does.
            if waiter == nil, error is CancellationError { state.cancelled.insert(identity) }
            return waiter
        }
        waiter?.deadline.cancel()
        waiter?.fail(error)
    }

    private static func takeReady(_ state: inout State) -> [@Sendable () -> Void] {
        var ready: [@Sendable () -> Void] = []
        for (identity, waiter) in state.waiters {
            guard let resume = waiter.offer(state.value) else { continue }
            waiter.deadline.cancel()
            state.waiters[identity] = nil
            ready.append(resume)
        }
        return ready
    }
}

extension Duration {
    var dispatchInterval: DispatchTimeInterval {
        .milliseconds(Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000))
    }
}
