import MailModel

/// Hands descriptions over in batches that are large enough to be worth a commit, and bounded.
struct SummaryHand: Sendable {
    private var hand: SinkHand<MessageSummary>
    private var waiting: [MessageSummary] = []
    /// Of the headers that wait.
    private var octets = 0

    init(_ take: @escaping @Sendable ([MessageSummary]) async throws -> Void) { hand = SinkHand(take) }

    mutating func add(_ summary: MessageSummary) {
        waiting.append(summary)
        octets += summary.headers?.length ?? 0
    }

    /// Hands over what makes full batches.
    mutating func over() async throws {
        let isHeavy = octets > Limits.describedOctets
        while waiting.count >= (isHeavy ? 1 : Limits.describedAtOnce) { try await handFirst() }
        octets = waiting.reduce(0) { $0 + ($1.headers?.length ?? 0) }
    }

    /// Hands over the rest, and returns when everything has been taken.
    mutating func finish() async throws {
        while !waiting.isEmpty { try await handFirst() }
        try await hand.finish()
    }

    /// Waits for what is being taken without caring how it goes.
    mutating func abandon() async { await hand.abandon() }

    private mutating func handFirst() async throws {
        hand.add(contentsOf: waiting.prefix(Limits.describedAtOnce))
        waiting.removeFirst(min(Limits.describedAtOnce, waiting.count))
        try await hand.over()
    }
}
