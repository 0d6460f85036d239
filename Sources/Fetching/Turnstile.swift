/// Lets one through at a time, in the order in which they came: some mailboxes take only one visitor (RFC 1939 §4), and
/// what is learned of delivered mail must be known before more is fetched.
///
/// An account has one for as long as the daemon runs, whatever fetchers it has in that time. Whoever waits and is
/// cancelled waits no longer.
public actor Turnstile {
    private var isTaken = false
    private var waiting: [(ticket: Int, entry: CheckedContinuation<Void, any Error>)] = []
    private var lastTicket = 0

    public init() {}

    /// Runs `work` when it is its turn; nobody else is let through before it has ended.
    ///
    /// - Throws: what `work` throws; `CancellationError` without having run it when the task is cancelled before its turn.
    public func pass<Value: Sendable>(_ work: @Sendable () async throws -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return try await work()
    }

    private func enter() async throws {
        try Task.checkCancellation()
        guard isTaken else {
            isTaken = true
            return
        }
        lastTicket += 1
        let ticket = lastTicket
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (entry: CheckedContinuation<Void, any Error>) in
                if Task.isCancelled {
                    entry.resume(throwing: CancellationError())
                } else {
                    // Who is cancelled from here on is found in the queue.
                    waiting.append((ticket, entry))
                }
            }
        } onCancel: {
            Task { await self.giveUp(ticket) }
        }
    }

    private func giveUp(_ ticket: Int) {
        // Who was let through meanwhile leaves like everybody.
        guard let index = waiting.firstIndex(where: { $0.ticket == ticket }) else { return }
        waiting.remove(at: index).entry.resume(throwing: CancellationError())
    }

    private func leave() {
        guard !waiting.isEmpty else {
            isTaken = false
            return
        }
        waiting.removeFirst().entry.resume()
    }
}
