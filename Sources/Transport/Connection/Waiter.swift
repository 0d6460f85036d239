/// A task that waits for a read or write.
struct Waiter<Success: Sendable> {
    let operation: UInt64
    let timeout: Duration
    let continuation: CheckedContinuation<Success, any Error>
}
