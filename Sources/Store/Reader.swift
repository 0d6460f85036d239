import Diagnostics
import Dispatch
import Synchronization

/// One connection that only reads, on a queue of its own, each time in a transaction: a consistent view that no writer
/// waits for.
///
/// `@unchecked Sendable`: `connection` is touched only on `queue`; the load is behind the mutex.
final class Reader: @unchecked Sendable {
    private let queue: DispatchQueue
    private let surroundings: Surroundings
    private let waiting = Mutex(0)
    private let onTrouble: @Sendable (Failure) -> Void
    private var connection: Connection?

    /// - Parameter onTrouble: told, on the reader's queue, when the file cannot be read or is damaged.
    init(
        _ connection: sending Connection, number: Int, surroundings: Surroundings,
        onTrouble: @escaping @Sendable (Failure) -> Void
    ) {
        queue = DispatchQueue(label: "postbote.store.reader.\(number)")
        self.surroundings = surroundings
        self.onTrouble = onTrouble
        self.connection = connection
    }

    /// Reads that wait or run.
    var load: Int { waiting.withLock { $0 } }

    func read<Value: Sendable>(_ body: @escaping @Sendable (ReadTransaction) throws -> Value) async throws -> Value {
        guard
            waiting.withLock({ count in
                if count >= Limits.waitingReads { return false }
                count += 1
                return true
            })
        else { throw Reader.overloaded }
        defer { waiting.withLock { $0 -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.perform(body) }) }
        }
    }

    private func perform<Value>(_ body: (ReadTransaction) throws -> Value) throws -> Value {
        guard let connection else { throw Writer.closed }
        defer { if let trouble = connection.takeTrouble() { onTrouble(trouble.failure(operation: "read")) } }
        try connection.run("BEGIN")
        defer { if connection.isInTransaction { try? connection.run("COMMIT") } }
        return try body(ReadTransaction(connection, surroundings))
    }

    func ping() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.connection = nil
                continuation.resume()
            }
        }
    }

    private static let overloaded = Failure(
        .daemon, .later(after: nil), operation: "read",
        reason: "\(Limits.waitingReads) reads of the state wait already. Look at the disk's load.")
}
