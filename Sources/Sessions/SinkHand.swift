import MailModel

/// Hands over what arrives one chunk behind the network: what was read is being taken while the next chunk is read, and
/// never more than that.
struct SinkHand<Element: Sendable>: Sendable {
    private let take: @Sendable ([Element]) async throws -> Void
    private var pieces: [Element] = []
    private var handing: Task<Void, any Error>?

    init(_ take: @escaping @Sendable ([Element]) async throws -> Void) { self.take = take }

    mutating func add(_ piece: Element) { pieces.append(piece) }

    mutating func add(contentsOf more: some Sequence<Element>) { pieces += more }

    /// Hands over what was added, after everything before has been taken.
    mutating func over() async throws {
        guard !pieces.isEmpty else { return }
        try await handing?.value
        let batch = pieces
        pieces = []
        handing = Task { [take] in try await take(batch) }
    }

    /// Hands over the rest, and returns when everything has been taken.
    mutating func finish() async throws {
        try await over()
        try await handing?.value
    }

    /// Waits for what is being taken without caring how it goes.
    mutating func abandon() async { _ = try? await handing?.value }
}

extension SinkHand<MessagePiece> {
    init(_ sink: any MessageSink) { self.init { try await sink.take($0) } }
}
