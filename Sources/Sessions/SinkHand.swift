import MailModel

/// Hands pieces to a sink one chunk behind the network: what was read is with the sink while the next chunk is being read,
/// and never more than that.
struct SinkHand: Sendable {
    private let sink: any MessageSink
    private var pieces: [MessagePiece] = []
    private var handing: Task<Void, any Error>?

    init(_ sink: any MessageSink) { self.sink = sink }

    mutating func add(_ piece: MessagePiece) { pieces.append(piece) }

    /// Hands over what was added, after the sink has taken what it got before.
    mutating func over() async throws {
        guard !pieces.isEmpty else { return }
        try await handing?.value
        let batch = pieces
        pieces = []
        handing = Task { [sink] in try await sink.take(batch) }
    }

    /// Hands over the rest, and returns when the sink has taken everything.
    mutating func finish() async throws {
        try await over()
        try await handing?.value
    }

    /// Waits for the sink without caring how it went.
    mutating func abandon() async { _ = try? await handing?.value }
}
